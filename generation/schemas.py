"""Works, previews, quotes and what they are made with, on the wire."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from core.money import USD, Money
from core.progress import Event
from core.web import Amount, In, Named, Out
from generation import notes, waiting
from generation.engine import Engine, Medium
from generation.models import Work
from generation.orders import HEAVIEST, MOST_STYLES
from generation.quotes import Line, Quote
from generation.shown import Grant, Shown
from generation.starters import Starter
from licensing.schemas import Party

State = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["work", "preview"]
MOST_PARAMS = 20_000  # bytes


def storable(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters that the database can keep, else ValueError."""
    text = json.dumps(params)
    if len(text) > MOST_PARAMS or "\\u0000" in text or any(word in text for word in ("NaN", "Infinity")):
        raise ValueError("parameters are plain JSON of at most 20,000 letters, without NaN and null characters")
    return params


# JSON has one kind of number: 2.0 is as whole as 2. Texts and truth values are none.
Whole = Annotated[int, Field(strict=True), BeforeValidator(lambda v: int(v) if type(v) is float and v % 1 == 0 else v)]


UPLOAD = r"upl_[0-9a-z]{26}"
SourceId = Annotated[str, Field(max_length=100, pattern=rf"^(starter:[a-z]+|{UPLOAD})$")]
Moment = Annotated[Whole, Field(ge=0, le=3_600_000)]
MaskId = Annotated[str, Field(max_length=100, pattern=rf"^{UPLOAD}$")]


class OfferIn(In):
    """A style to draw from, by its offer. `weight` is relative to the other styles.

    `region`: an upload, a picture that is white where the style may be used; null is everywhere. `sections`: of a
    recording, when it may be heard, each from and to in milliseconds; null is always.
    """

    offer: Annotated[str, Named("off")]
    weight: Whole = Field(1, ge=1, le=HEAVIEST)
    region: MaskId | None = None
    sections: Annotated[list[tuple[Moment, Moment]], Field(min_length=1, max_length=100)] | None = None


class BackingIn(In):
    """The rest of a song as an upload, put back under the voice. `fader`: decibels that raise the voice over it."""

    upload: MaskId
    fader: float = Field(0.0, ge=-24, le=24, allow_inf_nan=False)


class QuoteIn(In):
    """What a work would be made from."""

    offers: list[OfferIn] = Field(min_length=1, max_length=MOST_STYLES)
    engine: str = Field(max_length=100)

    def pairs(self) -> tuple[tuple[str, int], ...]:
        return tuple((one.offer, one.weight) for one in self.offers)


class OrderIn(QuoteIn):
    """A wished-for work. `params`: as the engine's own schema says. `source`: an upload's id, `starter:NAME`, or null
    where the engine composes from the styles alone.

    `mask`: an upload, a picture that is white where to paint, stretched over the source; the rest of the source stays.
    `rework`: a finished work of one's own to paint over inside the mask instead; it brings its source. `backing`: what
    a recording is put back over.
    """

    params: Annotated[dict[str, Any], AfterValidator(storable)] = Field(default_factory=dict)
    seed: Whole = Field(0, ge=0, le=2**32 - 1)
    source: SourceId | None = None
    mask: MaskId | None = None
    backing: BackingIn | None = None
    rework: Annotated[str, Named("wrk")] | None = None


class SharingIn(In):
    """Whether everyone who has the link may see the work."""

    shared: bool


class PresetOut(Out):
    """Settings worth trying first. `params`: those that differ from the engine's defaults."""

    name: str
    title: str
    params: dict[str, Any]


class EngineOut(Out):
    """An engine, and the JSON schema of its parameters, from which a form can be drawn."""

    name: str
    version: str
    medium: Medium
    learned_from: str
    weights_license: str | None
    accepts: list[str]
    params: dict[str, Any]
    presets: list[PresetOut]

    @classmethod
    def of(cls, engine: Engine) -> EngineOut:
        card = engine.card
        return cls(
            name=card.name,
            version=card.version,
            medium=card.medium,
            learned_from=card.learned_from,
            weights_license=card.weights_license,
            accepts=sorted(card.accepts),
            params=engine.Params.model_json_schema(),
            presets=[PresetOut.model_validate(preset) for preset in card.presets],
        )


class StarterOut(Out):
    """A picture, or a recording that lasts, that anyone may start from; show the credit with it."""

    name: str
    title: str
    credit: str
    url: str
    medium: Medium
    width: int | None
    height: int | None
    duration_ms: int | None

    @classmethod
    def of(cls, starter: Starter) -> StarterOut:
        return cls(**vars(starter), medium=starter.medium, url=f"/v1/starters/{starter.name}/picture")


class LineOut(Out):
    """One payee's part. `to`: the account; `role`: compute, platform, licensor or fan."""

    to: str
    name: str
    role: str
    amount: Amount

    @classmethod
    def of(cls, line: Line, names: Mapping[str, str]) -> LineOut:
        return cls(to=line.to, name=names.get(line.to, line.to), role=line.role, amount=usd(line.amount))


class ExploitationOut(Out):
    """How what the finished work earns will be divided, in millionths."""

    creators_ppm: int
    fan_ppm: int
    platform_ppm: int


class QuoteOut(Out):
    """What an order means. `predicted`: which style gives how much is measured only when the work is made, so among
    several creators the lines follow the weights. `credit` and `enough` are null for someone who is not signed in."""

    price: Amount
    lines: list[LineOut]
    predicted: bool
    uses: list[str]
    report_uses: list[str]
    territory: str | list[str]
    ends_on: date
    attribution: list[str]
    max_copy_ppm: int
    exploitation: ExploitationOut
    credit: Amount | None
    enough: bool | None

    @classmethod
    def of(cls, quote: Quote) -> QuoteOut:
        return cls(
            price=usd(quote.price),
            lines=[LineOut.of(line, quote.names) for line in quote.lines],
            predicted=quote.predicted,
            uses=list(quote.uses),
            report_uses=list(quote.report_uses),
            territory=quote.territory if isinstance(quote.territory, str) else list(quote.territory),
            ends_on=quote.ends_on,
            attribution=list(quote.attribution),
            max_copy_ppm=quote.max_copy_ppm,
            exploitation=ExploitationOut.model_validate(quote.exploitation),
            credit=None if quote.credit is None else usd(quote.credit),
            enough=None if quote.credit is None else quote.credit >= quote.price,
        )


class StyleOfWork(Out):
    """A style that a work draws from. `license` is null in a preview, and for others than the owner; `offer` is null in
    a sample that a creator has of their own style."""

    style: str
    name: str
    creator: Party
    offer: str | None
    license: str | None
    weight: int

    @classmethod
    def of(cls, grant: Grant, *, own: bool) -> StyleOfWork:
        return cls(
            style=grant.style,
            name=grant.name,
            creator=Party(id=grant.creator, name=grant.creator_name),
            offer=grant.offer,
            license=grant.license if own else None,
            weight=grant.weight,
        )


class Standing(Out):
    """How a work stands: the changing part of it, and what its events carry. `ahead`: works that begin before it.

    `beat` counts its events. `ahead` and `eta_seconds` are null when they say nothing or nobody knows.
    """

    id: str
    state: State
    stage: str
    step: int
    of: int
    beat: int
    ahead: int | None
    eta_seconds: int | None
    reason: str | None

    @classmethod
    def at(cls, shown: Shown) -> Standing:
        return cls(**_standing(shown))

    @classmethod
    def heard(cls, event: Event, *, usual: float | None) -> Standing:
        """From an event alone. `usual`: how long such works usually take, in seconds."""
        seconds = None if event.running is None else waiting.left(usual, event.running)
        return cls(
            id=event.work,
            state=event.state,  # type: ignore[arg-type]  # the state machine has no other
            stage=event.stage,
            step=event.step,
            of=event.of,
            beat=event.beat,
            ahead=None,
            eta_seconds=_whole(seconds),
            reason=event.reason,
        )


class WorkOut(Standing):
    """A work or a preview. Someone else's shared work comes without `source`, `rework`, `params`, `seed` and its
    licenses' ids.

    `by`: who made it. `file`, `thumbnail` and `source` are null where there is none to show. `rework`: the earlier work
    that it repaints in part. `notes`: sentences about its making. A picture has a `width` and a `height` once it is
    made, a recording a `duration_ms`; `backing`: whether it was put back over one.
    """

    kind: Kind
    medium: Medium
    own: bool
    by: str
    engine: str
    params: dict[str, Any]
    seed: int | None
    styles: list[StyleOfWork]
    price: Amount
    file: str | None
    thumbnail: str | None
    source: str | None
    rework: str | None
    overlay: str | None
    backing: bool
    width: int | None
    height: int | None
    duration_ms: int | None
    largest_copy_ppm: int | None
    notes: list[str]
    shared: bool
    created_at: datetime
    ended_at: datetime | None
    withdrawn_at: datetime | None

    @classmethod
    def show(cls, shown: Shown) -> WorkOut:
        work, own, has_file = shown.work, shown.own, shown.has_file
        url = f"/v1/works/{work.id}"
        return cls(
            **_standing(shown),
            kind=work.kind,  # type: ignore[arg-type]  # the database admits no other
            medium=work.medium,  # type: ignore[arg-type]
            own=own,
            by=shown.by,
            engine=work.engine,
            params=work.params if own else {},
            seed=work.seed if own else None,
            styles=[StyleOfWork.of(grant, own=own) for grant in shown.grants],
            price=usd(work.price),
            file=f"{url}/file" if has_file else None,
            thumbnail=f"{url}/thumbnail" if has_file else None,
            source=f"{url}/source" if own and work.source_blob is not None else None,
            rework=work.rework if own else None,
            overlay=f"{url}/overlay.png" if has_file and work.map_blob is not None else None,
            backing=work.backing_sha256 is not None,
            width=work.width,
            height=work.height,
            duration_ms=work.duration_ms,
            largest_copy_ppm=work.facts.get("largest_copy_ppm"),
            notes=notes.of(work.facts),
            shared=work.shared_at is not None,
            created_at=work.created_at,
            ended_at=work.ended_at,
            withdrawn_at=shown.withdrawn_at,
        )


def _standing(shown: Shown) -> dict[str, Any]:
    work: Work = shown.work
    return {
        "id": work.id,
        "state": work.state,
        "stage": work.stage,
        "step": work.step,
        "of": work.of,
        "beat": work.beat,
        "ahead": shown.place.ahead,
        "eta_seconds": _whole(shown.place.seconds),
        "reason": work.reason,
    }


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else math.ceil(seconds)


def usd(units: int) -> Amount:
    return Amount.of(Money(units, USD))
