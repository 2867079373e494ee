"""Uploads: files on their way in, their owner's alone, gone when they expire."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from core.errors import Conflict


class UploadIncomplete(Conflict):
    """The upload is not complete yet."""


@dataclass(frozen=True)
class Uploads:
    """Where uploads lie."""

    folder: Path

    def file(self, session: Session, *, upload: str, person: str) -> Path:
        """A finished upload of one's own. Raises NotFound, UploadIncomplete."""
        raise NotImplementedError
