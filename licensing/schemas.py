"""What this floor's routes take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from core.money import Money
from core.shares import WHOLE
from core.web import Amount, In, Named, Out
from creators.schemas import Medium
from licensing import deed, offers
from licensing.granted import Granted
from licensing.licenses import Revocation
from licensing.models import Offer as OfferRow
from licensing.presets import Preset
from licensing.terms import MOST_LETTERS, MOST_UNITS, MOST_WORKS, USES, Terms
from licensing.territories import CODES

OfferId = Annotated[str, Named("off")]
LicenseId = Annotated[str, Named("lic")]
Use = Literal["publish", "stream", "sell", "print", "advertise", "sample", "train"]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Territory = Literal["world"] | list[str]
Millionths = Annotated[int, Field(ge=0, le=WHOLE)]
TAKEN_BACK = "taken back by its creator"
Reason = Annotated[
    str,
    Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="one line that others will read"),
]
StyleState = Literal["draft", "listed", "held", "suspended", "retired"]


class Price(In):
    """What one work costs, in millionths of a dollar."""

    amount: Annotated[int, Field(ge=0, le=MOST_UNITS)]
    asset: Literal["USD/6"]


class NewOffer(In):
    """Terms as docs/terms.md describes them, version 1; lists may come in any order."""

    version: Literal[1]
    uses: Annotated[list[Use], Field(min_length=1, max_length=len(USES))]
    report_uses: Annotated[list[Use], Field(max_length=len(USES))]
    medium: Medium
    territory: Literal["world"] | Annotated[list[Country], Field(min_length=1, max_length=len(CODES))]
    starts_on: date
    ends_on: date
    cap: Annotated[int, Field(ge=1, le=MOST_WORKS)] | None
    price: Price
    royalty_ppm: Millionths
    fan_ppm: Millionths
    max_copy_ppm: Millionths
    attribution: Annotated[str, Field(max_length=MOST_LETTERS)]

    def terms(self) -> Terms:
        """Raises BadTerms, naming every fault at once."""
        return Terms(
            version=self.version,
            uses=frozenset(self.uses),
            report_uses=frozenset(self.report_uses),
            medium=self.medium,
            territory=self.territory if isinstance(self.territory, str) else frozenset(self.territory),
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            cap=self.cap,
            price=Money(self.price.amount, self.price.asset),
            royalty_ppm=self.royalty_ppm,
            fan_ppm=self.fan_ppm,
            max_copy_ppm=self.max_copy_ppm,
            attribution=self.attribution,
        )


class TermsDocument(Out):
    """Terms as they were published: sorted, and exactly what their hash is taken of."""

    version: int
    uses: list[Use]
    report_uses: list[Use]
    medium: Medium
    territory: Territory
    starts_on: date
    ends_on: date
    cap: int | None
    price: Amount
    royalty_ppm: int
    fan_ppm: int
    max_copy_ppm: int
    attribution: str


class Party(Out):
    """Somebody or something with a name."""

    id: str
    name: str


class OfferBrief(Out):
    """What an open offer allows and costs, in short."""

    id: str
    number: int
    price: Amount
    uses: list[Use]
    territory: Territory
    ends_on: date
    royalty_ppm: int
    fan_ppm: int
    cap: int | None

    @classmethod
    def of(cls, row: OfferRow) -> OfferBrief:
        fields = {name: row.terms[name] for name in cls.model_fields if name in row.terms}
        return cls.model_validate({**fields, "id": row.id, "number": row.number})


class Offer(Out):
    """A version of a style's terms, which never changes; `deed` says the same for people."""

    id: str
    style: str
    number: int
    terms: TermsDocument
    terms_hash: str
    deed_hash: str
    deed: str
    published_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, row: OfferRow) -> Offer:
        return cls(
            id=row.id,
            style=row.style,
            number=row.number,
            terms=TermsDocument.model_validate(row.terms),
            terms_hash=row.terms_hash,
            deed_hash=row.deed_hash,
            deed=deed.text(offers.terms_of(row)),
            published_at=row.published_at,
            closed_at=row.closed_at,
        )


class Effect(Out):
    """What ended with it: how many licenses were revoked, how many finished works withdrawn.

    Works on their way stop by themselves, within seconds, and their price goes back to who ordered them.
    """

    licenses_revoked: int
    works_withdrawn: int

    @classmethod
    def of(cls, revocation: Revocation) -> Effect:
        return cls(licenses_revoked=len(revocation.licenses), works_withdrawn=len(revocation.works))


class License(Out):
    """What one person may do with a style. `used`: works made against its cap."""

    id: str
    style: Party
    licensor: Party
    licensee: Party
    offer: str
    terms: TermsDocument
    state: Literal["active", "revoked"]
    granted_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    reason: str | None
    used: int

    @classmethod
    def of(cls, granted: Granted) -> License:
        return cls.model_validate(_license(granted))


class UseOfMe(License):
    """A license that somebody holds to a style of mine. `works`: made under it and recorded, withdrawn ones too."""

    works: int

    @classmethod
    def of(cls, granted: Granted) -> UseOfMe:
        return cls.model_validate({**_license(granted), "works": granted.works})


class RevokedLicense(License):
    """A license that was revoked, and what ended with it."""

    effect: Effect

    @classmethod
    def after(cls, granted: Granted, revocation: Revocation) -> RevokedLicense:
        return cls.model_validate({**_license(granted), "effect": Effect.of(revocation)})


class TermsPreset(Out):
    """Terms to start from, in plain words; dates and price are suggestions."""

    id: str
    title: str
    words: str
    terms: TermsDocument

    @classmethod
    def of(cls, preset: Preset, terms: Terms) -> TermsPreset:
        document = TermsDocument.model_validate(terms.document())
        return cls(id=preset.id, title=preset.title, words=preset.words, terms=document)


def _license(granted: Granted) -> dict[str, Any]:
    row = granted.license
    return {
        "id": row.id,
        "style": Party.model_validate(granted.style),
        "licensor": Party.model_validate(granted.licensor),
        "licensee": Party.model_validate(granted.licensee),
        "offer": row.offer,
        "terms": TermsDocument.model_validate(row.terms),
        "state": row.state,
        "granted_at": row.granted_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "reason": row.reason,
        "used": row.used,
    }
