"""What this floor's routes take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from core.waveform import SMALL
from core.web import In, Named, Out
from creators.areas import MOST as MOST_AREAS
from creators.areas import WHOLE
from creators.assets import Intake, outside
from creators.consent import MOST_LETTERS, NAME_LETTERS
from creators.inspection import Finding
from creators.models import Asset, Consent
from creators.profiles import MOST_LETTERS as TITLE_LETTERS

StyleId = Annotated[str, Named("sty")]
AssetId = Annotated[str, Named("ast")]
ConsentId = Annotated[str, Named("con")]
Medium = Literal["picture", "sound"]
Line = Annotated[str, Field(min_length=1, max_length=TITLE_LETTERS, description="one line of printable letters")]
Millionths = Annotated[int, Field(ge=0, le=WHOLE)]
Rectangle = Annotated[
    list[Millionths],
    Field(min_length=4, max_length=4, description="top, left, bottom, right in millionths of the picture"),
]
AiTraining = Literal["notAllowed", "constrained", "allowed"]


class NewProfile(In):
    name: Line


class Profile(Out):
    """A profile under which its owner registers styles; everyone sees its name."""

    id: str
    name: str
    created_at: datetime


class NewAsset(In):
    upload: Annotated[str, Field(max_length=100, description="a finished upload of one's own")]
    title: Line


class AssetFinding(Out):
    """What was noticed: `say` it in words, `do` what to do. An `area` is left out by itself where it is `sure`.

    `span`: from when to when in a recording, in milliseconds.
    """

    code: str
    say: str
    do: str
    area: Rectangle | None
    span: list[int] | None
    sure: bool

    @classmethod
    def of(cls, finding: Finding) -> AssetFinding:
        return cls(
            code=finding.code,
            say=finding.say,
            do=finding.do,
            area=list(finding.area) if finding.area else None,
            span=[round(1000 * second) for second in finding.span] if finding.span else None,
            sure=finding.sure,
        )


class LeftOut(In):
    areas: Annotated[list[Rectangle], Field(max_length=MOST_AREAS)]


class SetFinding(Out):
    """What was noticed of a style's works together; `assets`: which of them it is about, none where it is all."""

    code: str
    say: str
    do: str
    assets: list[str]

    @classmethod
    def of(cls, finding: Finding, rows: Sequence[Asset]) -> SetFinding:
        return cls(code=finding.code, say=finding.say, do=finding.do, assets=[rows[i].id for i in finding.works])


class OwnAsset(Out):
    """A work that its creator brought. `advice`: what was noticed when it came in, and what to do.

    A picture has a `width` and a `height`; a recording has a `duration_ms` and an `excerpt` to hear, and is shown by
    its waveform, whose size is its width and height then; `tempo` (beats a minute) and `key` where they are clear.
    `findings`: what was noticed of it, with where; `left_out`: the areas that no work takes anything from.
    """

    id: str
    title: str
    state: Literal["live", "merged", "held", "retired"]
    merged_into: str | None
    medium: Medium
    width: int
    height: int
    duration_ms: int | None
    tempo: int | None
    key: str | None
    bytes: int
    url: str
    excerpt: str | None
    advice: list[str]
    findings: list[AssetFinding]
    left_out: list[Rectangle]
    created_at: datetime

    @classmethod
    def of(cls, intake: Intake) -> OwnAsset:
        row = intake.asset
        return cls(
            id=row.id,
            title=row.title,
            state=row.state,  # type: ignore[arg-type]  # the database knows no other
            merged_into=row.merged_into,
            medium="picture" if row.duration_ms is None else "sound",
            width=row.width or SMALL[0],
            height=row.height or SMALL[1],
            duration_ms=row.duration_ms,
            tempo=row.tempo,
            key=row.key,
            bytes=row.bytes,
            url=thumbnail_url(row.id),
            excerpt=excerpt_url(row.id, row.excerpt),
            advice=intake.advice,
            findings=[AssetFinding.of(finding) for finding in intake.findings],
            left_out=[list(area) for area in outside(row)],
            created_at=row.created_at,
        )


class NewConsent(In):
    """What a creator declares before a style may be licensed; nothing of it may be left open."""

    legal_name: Annotated[str, Field(max_length=NAME_LETTERS)]
    is_author: bool
    holds_rights: bool
    adult: bool
    uses: Annotated[str, Field(max_length=MOST_LETTERS, description="which uses are allowed, in one's own words")]
    expires_on: Annotated[date, Field(description="the first day (UTC) it no longer holds; ten years at most")]
    ai_training: AiTraining


class DeclaredConsent(Out):
    """A declaration as it was made. `hash`: SHA-256 of it, word for word."""

    id: str
    statement: str
    hash: str
    expires_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, row: Consent) -> DeclaredConsent:
        return cls(
            id=row.id,
            statement=row.document["statement"],
            hash=row.hash,
            expires_at=row.expires_at,
            withdrawn_at=row.withdrawn_at,
        )


def thumbnail_url(asset: str) -> str:
    return f"/v1/assets/{asset}/thumbnail"


def excerpt_url(asset: str, kept: str | None) -> str | None:
    """Where a recording's excerpt is heard; `kept`: the address of its file, None for a picture."""
    return None if kept is None else f"/v1/assets/{asset}/excerpt"
