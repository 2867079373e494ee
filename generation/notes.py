"""What an engine noticed while it made a work, in sentences for whoever looks at the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TOLD = ("mix_reason", "whole_song")  # facts that are sentences already


def of(facts: Mapping[str, Any]) -> list[str]:
    """The facts that say something to people; others, and those of other engines, are left out."""
    said = []
    faces = facts.get("faces")
    if type(faces) is int and faces > 0:
        found = "1 face was" if faces == 1 else f"{faces} faces were"
        said.append(f"{found} found and painted with the portrait settings.")
    for name in TOLD:
        reason = facts.get(name)
        if isinstance(reason, str) and reason:
            said.append(reason[0].upper() + reason[1:] + ("" if reason.endswith(".") else "."))
    return said
