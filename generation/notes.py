"""What an engine noticed while it made a work, in sentences for whoever looks at the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def of(facts: Mapping[str, Any]) -> list[str]:
    """The facts that say something to people; others, and those of other engines, are left out."""
    said = []
    faces = facts.get("faces")
    if type(faces) is int and faces > 0:
        found = "1 face was" if faces == 1 else f"{faces} faces were"
        said.append(f"{found} found and painted with the portrait settings.")
    reason = facts.get("mix_reason")
    if isinstance(reason, str) and reason:
        said.append(reason)
    return said
