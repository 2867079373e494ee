"""Whose a finished work is: what each licensed picture gave and got, who was paid, and what stands behind that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import notices, registry
from attribution.claim import Claim, Contribution
from attribution.models import RecordedClaim
from core.errors import NotFound
from core.shares import quantize
from creators import erasing
from creators.models import Creator, Style
from generation import overlay, quotes, shown
from generation.models import Work
from generation.quotes import Line
from payments import ledger

# By medium: what it is, what is done to one that is brought, and what its shares are counted by.
WORDS = {"picture": ("picture", "redrawn", "pixel"), "sound": ("recording", "sung or played anew", "moment")}


class NoProvenance(NotFound):
    """Nothing is recorded of this work."""


@dataclass(frozen=True)
class Part:
    """One picture's part. `amount`: of the fee, in units; None where nothing was paid."""

    index: int
    contribution: Contribution
    licensor_name: str
    amount: int | None
    color: str


@dataclass(frozen=True)
class Ancestor:
    """Something a work comes from. `what`: source, style or asset."""

    what: str
    id: str
    name: str
    url: str | None


@dataclass(frozen=True)
class Provenance:
    """Everything that is recorded of a work. `parties`: whom the claim names, by id, as they are called now."""

    claim: Claim
    parties: dict[str, str]
    record: RecordedClaim
    parts: tuple[Part, ...]
    paid: tuple[Line, ...]
    earned: tuple[Line, ...]
    names: dict[str, str]
    lineage: tuple[Ancestor, ...]
    credentials: tuple[str, ...]


def of(session: Session, *, work: str, person: str | None) -> Provenance:
    """Of a finished work that the person may see. Raises NotFound, NoProvenance."""
    seen = shown.one(session, work=work, person=person)
    check(seen.work)
    record = registry.find(session, work=work)
    claim = Claim.read(record.document)
    paid = _lines(session, seen.work.id, "fee")
    earned = _lines(session, seen.work.id, "exploitation")
    names = quotes.names(session, [line.to for line in (*paid, *earned)])
    has_source = seen.own and seen.work.source_blob is not None
    return Provenance(
        claim=claim,
        parties=parties(session, claim),
        record=record,
        parts=_parts(session, claim, {line.to: line.amount for line in paid}),
        paid=paid,
        earned=earned,
        names=names,
        lineage=_lineage(session, claim, has_source=has_source),
        credentials=credentials(
            claim, record, with_source=seen.work.source_sha256 is not None, reworks=seen.work.rework is not None
        ),
    )


def check(work: Work) -> None:
    """Raises NoProvenance unless something is recorded of this work."""
    if work.kind != "work" or work.state != "done":
        raise NoProvenance(
            f"{work.kind} {work.id} is {work.state}; only of a finished work is it recorded whose it is", id=work.id
        )


def thumbnail_of(asset: str) -> str:
    """Where an asset's thumbnail is shown."""
    return f"/v1/assets/{asset}/thumbnail"


def credentials(claim: Claim, record: RecordedClaim, *, with_source: bool, reworks: bool) -> tuple[str, ...]:
    """What the file proves, to whom, and what it does not, in plain sentences."""
    name = claim.engine.rpartition(" ")[0]
    thing, redone, unit = WORDS[claim.medium]
    base = f"a {thing} that its maker brought, {redone}" if with_source else f"no {thing} of its maker's"
    said = [
        notices.RULES[notices.kind(claim)].words,
        "The file carries a signed manifest (C2PA) that says what is written here. Whoever changes one byte of the file"
        " breaks the signature.",
        "It is signed by this house. Programs that have its certificate on no list can read the manifest, but will say"
        " that they do not know the signer: they cannot tell who signed it, and found no sign of tampering.",
        f"The engine {name} learned from {claim.learned_from}.",
        f"The work was made from {base}, and from {_count(len(claim.contributions), f'licensed {thing}')}.",
        f"The shares are counted {unit} by {unit} from the work's map, and anyone who has the map can count them again."
        if claim.exact
        else f"The shares are an estimate ({claim.method}): this engine cannot know them exactly.",
    ]
    if reworks:
        said.append(
            "It repaints a part of an earlier work of its maker's; the rest is as it was, and counted again here."
        )
    if record.withdrawn_at is not None:
        said.append(
            f"On {record.withdrawn_at.date().isoformat()} a creator withdrew the license this rests on"
            f" ({record.withdrawn_reason}). Since then nothing allows the work to be used; what it earned stays owed."
        )
    return tuple(said)


def _parts(session: Session, claim: Claim, paid: dict[str, int]) -> tuple[Part, ...]:
    """The largest share first; a licensor's money is divided among their pictures by share, to the unit."""
    order = overlay.ranked(claim.contributions)
    named = select(Creator.id, Creator.name).where(Creator.id.in_({x.licensor for x in order}))
    names = dict(session.execute(named).all())
    amounts: dict[str, int] = {}
    for licensor in names:
        own = {x.asset: x.share for x in order if x.licensor == licensor}
        if f"creator:{licensor}" in paid:
            amounts |= quantize(own, paid[f"creator:{licensor}"])
    return tuple(
        Part(number, x, names.get(x.licensor, x.licensor), amounts.get(x.asset), _hex(overlay.color(number)))
        for number, x in enumerate(order)
    )


def parties(session: Session, claim: Claim) -> dict[str, str]:
    """Whom a claim names, by id, as they are called now."""
    licensors = {x.licensor: x.licensor_name for x in claim.licenses}
    return erasing.names_now(session, said={**licensors, claim.licensee: claim.licensee_name})


def _lines(session: Session, work: str, kind: str) -> tuple[Line, ...]:
    split = ledger.split_of(session, work=work, kind=kind)
    return tuple(Line(to, quotes.role_of(to), amount) for to, amount in split)


def _lineage(session: Session, claim: Claim, *, has_source: bool) -> tuple[Ancestor, ...]:
    """From what the fan brought to the styles and their pictures; what the fan brought is named to the fan alone."""
    ids = [x.style for x in claim.licenses]
    named = dict(session.execute(select(Style.id, Style.name).where(Style.id.in_(ids))).all())
    source = (
        [Ancestor("source", claim.work, f"your {WORDS[claim.medium][0]}", f"/v1/works/{claim.work}/source")]
        if has_source
        else []
    )
    return (
        *source,
        *(Ancestor("style", x.style, named.get(x.style, x.style), f"/v1/styles/{x.style}") for x in claim.licenses),
        *(Ancestor("asset", x.asset, x.title, thumbnail_of(x.asset)) for x in overlay.ranked(claim.contributions)),
    )


def _hex(color: Sequence[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in color)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
