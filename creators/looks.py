"""The looks of styles, kept in this process: read from the database once for each version of a style."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from creators import look
from creators.look import Look
from creators.models import Asset

Known = tuple[int, NDArray[np.float32]]


class Looks:
    """A house's cache of looks by style; a style that changed (its `version`) is read again."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._lock = Lock()

    def nearest(self, session: Session, asked: Look, *, versions: Mapping[str, int]) -> list[tuple[str, float]]:
        """These styles (id: version) with the distance of their works from a look, the nearest first.

        A style without a measured work is left out.
        """
        known = {style: works for style, (_, works) in self._of(session, versions).items() if len(works)}
        if not known:
            return []
        apart = look.distances(asked, np.concatenate(list(known.values())))  # all at once: a call per style is slow
        parts = np.split(apart, np.cumsum([len(works) for works in known.values()])[:-1])
        ranked = [(look.to_style(part), style) for style, part in zip(known, parts, strict=True)]
        return [(style, distance) for distance, style in sorted(ranked)]

    def _of(self, session: Session, versions: Mapping[str, int]) -> dict[str, Known]:
        with self._lock:
            known = {style: self._known[style] for style in versions if style in self._known}
        stale = [style for style, version in versions.items() if style not in known or known[style][0] != version]
        fresh, whole = _read(session, stale, versions) if stale else ({}, set())
        known.update(fresh)
        with self._lock:  # what was not asked about is forgotten; what is not measured yet is read again next time
            self._known = {style: found for style, found in known.items() if style not in fresh or style in whole}
        return known


def _read(session: Session, styles: list[str], versions: Mapping[str, int]) -> tuple[dict[str, Known], set[str]]:
    """The looks of these styles, and the styles of which every live work is measured."""
    stored: dict[str, list[bytes]] = {style: [] for style in styles}
    unmeasured = set()
    query = select(Asset.style, Asset.look).where(
        Asset.style.in_(styles), Asset.state == "live", Asset.width.is_not(None)
    )
    for style, packed in session.execute(query):
        if packed is None:
            unmeasured.add(style)
        else:
            stored[style].append(packed)
    return {style: (versions[style], look.unpack(packed)) for style, packed in stored.items()}, set(stored) - unmeasured
