"""Everything about money computed again from public inputs, down to the shares in the stored maps.

The books are walked in one moment's view of the database. What each work's money should have done follows from its
claim, its licenses' terms and the fees recorded with it; the shares in the claim follow from the map, measured again.
Each finding is one line that names the first unit that differs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.house import House
from attribution.claim import Claim
from attribution.models import RecordedClaim
from core import db
from core.errors import HomageError
from creators.models import Asset
from generation.engine import BadRequest, silent
from generation.models import Work
from generation.preparations import Prepared, Store
from payments import audit, entries, income
from payments.audit import Books
from payments.usage import audit as usage
from payments.waterfall import Program

ENDED = ("done", "failed", "cancelled")
KEPT = 4  # prepared styles that are held in memory; works come in the order of their styles


class Report(Protocol):
    """Called with the step reached, the number of steps and what is being done."""

    def __call__(self, step: int, of: int, stage: str) -> None: ...


@dataclass(frozen=True)
class Audit:
    """What was looked at and what differs.

    measured: works whose shares their maps confirm. unmeasured: those whose maps cannot be measured here now, and why.
    """

    entries: int
    works: int
    measured: int
    unmeasured: tuple[str, ...]
    findings: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The audit as plain JSON values."""
        return {
            "entries": self.entries,
            "works": self.works,
            "measured": self.measured,
            "unmeasured": list(self.unmeasured),
            "findings": list(self.findings),
        }

    def text(self) -> str:
        """The audit for people: what was looked at, what could not be, what differs."""
        looked = f"audited: entries {self.entries:,}, works {self.works:,}, confirmed by their maps {self.measured:,}"
        notes = [f"not measured: {note}" for note in self.unmeasured]
        end = f"findings: {len(self.findings):,}" if self.findings else "every unit is where it belongs"
        return "\n".join([looked, *notes, *(f"WRONG: {finding}" for finding in self.findings), end])


@dataclass(frozen=True)
class _Map:
    """A finished work whose claim says that its shares were measured."""

    work: str
    engine: str
    blob: str
    claim: Claim
    changed: bool  # the styles it was made from have changed since


def audit_all(house: House, *, report: Report = lambda step, of, stage: None) -> Audit:
    """Audit the whole house. Nothing is changed; a preparation may be cached anew."""
    with db.unit(house.sessions) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        books = audit.walk(session, report=report)
        works = session.scalars(select(Work).order_by(Work.id)).all()
        findings = [*books.findings, *usage.findings(session), *_strangers(books, {work.id for work in works})]
        maps = []
        for number, work in enumerate(works):
            report(number, len(works), "works")
            findings += [f"work {work.id}: {finding}" for finding in _work(session, books, work)]
            maps += _map(session, work)
    measured, unmeasured = 0, []
    scale = _Scale(house)
    for number, one in enumerate(sorted(maps, key=lambda one: sorted(x.style for x in one.claim.licenses))):
        report(number, len(maps), "shares")
        outcome, words = scale.weigh(one)
        measured += outcome == "same"
        if outcome == "unmeasured":
            unmeasured.append(f"work {one.work}: {words}")
        elif outcome == "wrong":
            findings.append(f"work {one.work}: {words}")
    ordered = sum(work.kind == "work" for work in works)
    return Audit(books.walked, ordered, measured, tuple(unmeasured), tuple(findings))


def _strangers(books: Books, known: set[str]) -> list[str]:
    """Money about works that do not exist."""
    return [f"work {work}: there are entries about it, but no such work" for work in sorted(set(books.kinds) - known)]


def _work(session: Session, books: Books, work: Work) -> list[str]:
    findings = [_held(books, work), _ended(books, work)]
    row = session.get(RecordedClaim, work.id)
    if work.kind == "preview":
        return [*filter(None, findings), *(["it is a preview, and has a claim"] if row is not None else [])]
    if (row is not None) != (work.state == "done"):
        findings.append(f"it is {work.state} and has {'a' if row is not None else 'no'} claim")
    if row is None:
        streams = [kind for kind in entries.STREAMS if (work.id, kind, work.asset) in books.programs]
        return [*filter(None, findings), *(f"it received {kind} without a claim" for kind in streams)]
    try:
        claim = Claim.read(row.document)
    except (TypeError, ValueError, KeyError) as error:
        return [*filter(None, findings), f"its claim cannot be read: {error}"]
    return [*filter(None, [*findings, *_programs(session, books, work, claim)])]


def _held(books: Books, work: Work) -> str | None:
    """Whether the price, and only that, was held from the one who ordered."""
    entry = books.holds.get(work.id)
    if entry is None:
        return f"{work.price:,} units are its price, nothing was held" if work.price else None
    held = entry.postings[1].amount
    if held != work.price or entry.asset != work.asset:
        return f"{held:,} units were held, its price is {work.price:,}"
    if entry.facts["person"] != work.person:
        return f"{entry.facts['person']} paid for it, {work.person} ordered it"
    return None


def _ended(books: Books, work: Work) -> str | None:
    """Whether what was held was paid or given back exactly once, and only when the work had ended."""
    kinds = books.kinds.get(work.id, Counter())
    ends = kinds["fee"] + kinds["release"] + kinds["hold-reversal"] - kinds["fee-reversal"] - kinds["release-reversal"]
    due = 1 if work.price and work.state in ENDED else 0
    if ends != due:
        return f"it is {work.state}, and what was held for it was ended {ends} times instead of {due}"
    if work.price and work.state in ENDED and bool(kinds["fee"]) != (work.state == "done"):
        return f"it is {work.state} and has paid {kinds['fee']} fees"
    received, has = books.received.get((work.id, entries.FEE, work.asset), 0), kinds["fee"] - kinds["fee-reversal"]
    if received != has * work.price:
        return f"its fees sum to {received:,} units, its price is {work.price:,}"
    return None


def _programs(session: Session, books: Books, work: Work, claim: Claim) -> list[str | None]:
    """Whether fee and exploitation were divided by the programs that the claim and the terms demand."""
    found = []
    if claim.licensee != work.person:
        found.append(f"its claim names {claim.licensee}, {work.person} ordered it")
    if [x.license for x in claim.licenses] != [grant.license for grant in work.grants]:
        found.append("its claim rests on other licenses than its order")
    for kind in entries.STREAMS:
        stored = books.programs.get((work.id, kind, work.asset))
        try:
            due = _fee(work, claim) if kind == entries.FEE else income.program_of(session, claim)
        except HomageError as error:
            found.append(f"its {kind} cannot be computed again: {error.message}")
            continue
        if stored not in (None, due.id):
            found.append(f"its {kind} was divided by program {str(stored)[:12]}…, its claim demands {due.id[:12]}…")
    return [*found]


def _fee(work: Work, claim: Claim) -> Program:
    shares: dict[str, int] = {}
    for contribution in claim.contributions:
        account = f"creator:{contribution.licensor}"
        shares[account] = shares.get(account, 0) + contribution.share
    return entries.fee_program(compute=work.compute, platform_ppm=work.platform_ppm, licensors=list(shares.items()))


def _map(session: Session, work: Work) -> list[_Map]:
    row = session.get(RecordedClaim, work.id)
    if row is None or work.map_blob is None:
        return []
    try:
        claim = Claim.read(row.document)
    except (TypeError, ValueError, KeyError):
        return []  # already a finding
    changed = session.scalar(
        select(Asset.id)
        .where(Asset.style.in_([x.style for x in claim.licenses]))
        .where(or_(Asset.created_at > work.created_at, Asset.retired_at > work.created_at))
        .limit(1)
    )
    return [_Map(work.id, work.engine, work.map_blob, claim, changed is not None)]


class _Scale:
    """Measures shares again from maps and the styles that they name; no transaction is open meanwhile."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._store = Store(house.sessions, house.blobs, house.keys)
        self._prepared: dict[tuple[str, str], Prepared] = {}

    def weigh(self, one: _Map) -> tuple[Literal["same", "wrong", "unmeasured"], str]:
        """Whether the claim's shares are the map's. Where that cannot be said, why not."""
        try:
            map = self._house.blobs.get(one.blob)
        except HomageError as error:
            return "wrong", f"its map cannot be read: {error.message}"
        try:
            engine = self._house.catalog.get(one.engine)
            label = f"{engine.card.name} {engine.card.version}"
            if label != one.claim.engine:
                return "unmeasured", f"it was made by {one.claim.engine}, here is {label}"
            prepared = [self._style(x.style, one.engine) for x in one.claim.licenses]
        except HomageError as error:
            return "unmeasured", error.message
        try:
            shares = engine.measure(map, [style.data for style in prepared])
        except BadRequest as error:
            return self._unsure(one, f"its map cannot be measured: {error.message}")
        wrong = _first_share(one.claim, {share.asset: share.share for share in shares if share.share})
        return self._unsure(one, wrong) if wrong else ("same", "")

    def _style(self, style: str, engine: str) -> Prepared:
        key = (style, engine)
        if key not in self._prepared:
            while len(self._prepared) >= KEPT:
                del self._prepared[next(iter(self._prepared))]
            at = self._house.clock.now()
            loaded = self._store.prepared(style=style, engine=self._house.catalog.get(engine), at=at, report=silent)
            self._prepared[key] = loaded
        return self._prepared[key]

    def _unsure(self, one: _Map, words: str) -> tuple[Literal["wrong", "unmeasured"], str]:
        return ("unmeasured", f"its styles have changed since; {words}") if one.changed else ("wrong", words)


def _first_share(claim: Claim, measured: dict[str, int]) -> str | None:
    said = {contribution.asset: contribution.share for contribution in claim.contributions}
    for asset in [*said, *(other for other in measured if other not in said)]:
        if said.get(asset, 0) != measured.get(asset, 0):
            return (
                f"its claim gives asset {asset} {said.get(asset, 0):,} millionths, its map {measured.get(asset, 0):,}"
            )
    return None
