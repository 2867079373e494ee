"""Pure: may this be done, under these terms? The answer names every clause that stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors import Invalid
from creators.consent import MEDIA
from licensing.terms import USES, Terms
from licensing.territories import CODES, WORLD

Permission = Literal["permit", "needs-report", "deny"]
_RANK: dict[Permission, int] = {"deny": 0, "needs-report": 1, "permit": 2}


class BadQuestion(Invalid):
    """The use, medium or territory asked about is none that terms know."""


@dataclass(frozen=True)
class Reason:
    """Why not, or why only so. `clause` names the field of the terms, or what stands instead of one.

    code: use, training-reserved, medium, territory, not-yet, expired, quota, revoked, withdrawn, contested,
    low-confidence, no-license, closed (an offer); and report, which allows.
    """

    code: str
    clause: str
    license: str | None
    text: str


@dataclass(frozen=True)
class Decision:
    """permit; needs-report: allowed, and each use must be reported; deny. `reasons` is empty for permit only."""

    permission: Permission
    reasons: tuple[Reason, ...] = ()


def evaluate(
    terms: Terms, *, use: str | None, medium: str, territory: str, date: dt.date, license: str | None = None
) -> Decision:
    """Decide about one use, with all reasons against it. `use` None asks to make a work, which has no territory.

    `territory` "world" asks whether the license holds everywhere. Raises BadQuestion.
    """
    check(use=use, medium=medium, territory=territory)
    against = tuple(_against(terms, use, medium, territory, date, license))
    if against:
        return Decision("deny", against)
    if use in terms.report_uses:
        text = f"{use} is allowed, and each time must be reported"
        return Decision("needs-report", (Reason("report", "report_uses", license, text),))
    return Decision("permit")


def deny(code: str, clause: str, text: str, *, license: str | None = None) -> Decision:
    return Decision("deny", (Reason(code, clause, license, text),))


def standing(license: str, *, state: str, style: str) -> Decision:
    """Whether a license itself stands, whatever is asked, by its state and its style's: see `licensing.models`."""
    if state != "active":
        return deny("revoked", "license", f"license {license} has been revoked", license=license)
    if style == "suspended":
        return deny("withdrawn", "style", "the creator has withdrawn the style", license=license)
    if style == "held":
        return deny("contested", "style", "whose style this is, is being decided", license=license)
    return Decision("permit")


def least(decisions: Iterable[Decision]) -> Decision:
    """Of several that must all hold, the least permission wins, and all reasons are told; of none, there is none."""
    found = tuple(decisions)
    if not found:
        return deny("no-license", "license", "there is no license for this")
    permission = min((decision.permission for decision in found), key=_RANK.__getitem__)
    return Decision(permission, tuple(reason for decision in found for reason in decision.reasons))


def check(*, use: str | None, medium: str, territory: str) -> None:
    """Raises BadQuestion for a word that no terms could answer."""
    if use is not None and use not in USES:
        raise BadQuestion(f"{use[:40]!r} is no use; ask for one of: {', '.join(USES)}")
    if medium not in MEDIA:
        raise BadQuestion(f"{medium[:40]!r} is no medium; ask for one of: {', '.join(MEDIA)}")
    if territory != WORLD and territory not in CODES:
        raise BadQuestion(f"{territory[:40]!r} is no territory; ask for an ISO 3166 code such as DE, or {WORLD}")


def _against(
    terms: Terms, use: str | None, medium: str, territory: str, date: dt.date, license: str | None
) -> Iterator[Reason]:
    if use is not None and use not in terms.uses:
        if use == "train":
            yield Reason("training-reserved", "uses", license, "training is reserved to the creator")
        else:
            yield Reason("use", "uses", license, f"the license covers {_list(terms.uses)}, not {use}")
    if medium != terms.medium:
        yield Reason("medium", "medium", license, f"the license is for the medium {terms.medium}, not {medium}")
    if use is not None and not terms.covers(territory):
        asked = "the whole world" if territory == WORLD else territory
        yield Reason("territory", "territory", license, f"the license covers {_list(terms.territory)}, not {asked}")
    if date < terms.starts_on:
        yield Reason("not-yet", "starts_on", license, f"the license begins on {terms.starts_on}")
    if date >= terms.ends_on:
        yield Reason("expired", "ends_on", license, f"the license ended on {terms.ends_on}")


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
