"""Pure: the terms of a license as data: every clause is a field, and every field is enforced or quoted somewhere.

What is not named is not allowed; training is reserved unless it is named.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from core import canonical
from core.errors import Invalid
from core.money import USD, Money
from core.shares import WHOLE
from creators.consent import MEDIA
from licensing.territories import CODES, WORLD

USES = ("publish", "stream", "sell", "print", "advertise", "sample", "train")
MOST_LETTERS = 200
MOST_UNITS = 10**15  # a billion dollars; far inside the database's 64 bits
MOST_WORKS = 10**9
MOST_NAMED = 12  # countries in one sentence


class BadTerms(Invalid):
    """The terms contradict themselves or say something that nobody could check."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """One version of what a creator offers. Raises BadTerms, naming every fault at once.

    uses: what may be done with a work, of USES. report_uses: those of them that must be reported each time.
    territory: "world", or ISO 3166-1 alpha-2 codes. starts_on, ends_on: the window [starts_on, ends_on), days in UTC.
    cap: works per license, None for any number. price: of one work, in USD/6.
    royalty_ppm, fan_ppm: the creators' and the fan's part of what a finished work earns, in millionths; the rest is
    the platform's. max_copy_ppm: the largest piece of a work, in millionths of it, that may be one unchanged copy.
    attribution: the credit that must go with a work, one line, or "".
    """

    medium: str
    starts_on: dt.date
    ends_on: dt.date
    price: Money
    royalty_ppm: int
    fan_ppm: int
    max_copy_ppm: int
    uses: frozenset[str] = frozenset({"publish"})
    report_uses: frozenset[str] = frozenset()
    territory: frozenset[str] | str = WORLD
    cap: int | None = None
    attribution: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        faults = [*_use_faults(self), *_place_faults(self), *_number_faults(self), *_text_faults(self)]
        if faults:
            raise BadTerms(f"these terms cannot be offered: {'; '.join(faults)}", faults=faults)

    def document(self) -> dict[str, Any]:
        """The terms as plain JSON values; sets are sorted, so equal terms give equal documents."""
        return {
            "version": self.version,
            "uses": sorted(self.uses),
            "report_uses": sorted(self.report_uses),
            "medium": self.medium,
            "territory": self.territory if isinstance(self.territory, str) else sorted(self.territory),
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat(),
            "cap": self.cap,
            "price": {"amount": self.price.amount, "asset": self.price.asset},
            "royalty_ppm": self.royalty_ppm,
            "fan_ppm": self.fan_ppm,
            "max_copy_ppm": self.max_copy_ppm,
            "attribution": self.attribution,
        }

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical document, in hex."""
        return canonical.digest(self.document())

    @property
    def platform_ppm(self) -> int:
        """The platform's part of what a finished work earns, in millionths."""
        return WHOLE - self.royalty_ppm - self.fan_ppm

    def covers(self, territory: str) -> bool:
        """Whether the license holds there; "world" asks whether it holds everywhere."""
        return self.territory == WORLD or territory in self.territory

    def runs_on(self, day: dt.date) -> bool:
        return self.starts_on <= day < self.ends_on

    def permit(self, *, use: str | None, medium: str, territory: str, date: dt.date) -> bool:
        """Whether this is allowed at all, reported or not. `use` None asks only to make a work, which has no place.

        Monotone: asking for less, or of wider terms, is never refused where more was allowed.
        """
        allowed = use is None or (use in self.uses and self.covers(territory))
        return allowed and medium == self.medium and self.runs_on(date)


def read(document: object) -> Terms:
    """The terms that `Terms.document()` wrote. Raises BadTerms for anything else."""
    names = {field.name for field in fields(Terms)}
    if not isinstance(document, dict) or set(document) != names:
        found = set(document) if isinstance(document, dict) else set()
        raise BadTerms(
            f"terms have exactly the fields {sorted(names)}; differing here: {sorted(names ^ found, key=str)}"
        )
    try:
        terms = Terms(
            **{
                **document,
                "uses": frozenset(document["uses"]),
                "report_uses": frozenset(document["report_uses"]),
                "territory": _territory(document["territory"]),
                "starts_on": dt.date.fromisoformat(document["starts_on"]),
                "ends_on": dt.date.fromisoformat(document["ends_on"]),
                "price": Money(document["price"]["amount"], document["price"]["asset"]),
            }
        )
        same = canonical.dumps(terms.document()) == canonical.dumps(document)
    except BadTerms:
        raise
    except (TypeError, ValueError, KeyError, Invalid) as error:
        raise BadTerms(f"a field of these terms has a value of the wrong kind: {error}; write it anew") from None
    if not same:
        raise BadTerms("these terms are not written in their one form: sorted lists without repeats, plain dates")
    return terms


def training(terms: Sequence[Terms]) -> str:
    """In words, how far all of these allow AI to be trained on a work that rests on them; "" where it is reserved."""
    if not terms or any("train" not in one.uses for one in terms):
        return ""
    places = [one.territory for one in terms if not isinstance(one.territory, str)]
    where = frozenset.intersection(*places) if places else None
    starts, ends = max(one.starts_on for one in terms), min(one.ends_on for one in terms)
    if where == frozenset() or starts >= ends:
        return ""
    said = "worldwide" if where is None else f"in {', '.join(sorted(where))}"
    if where is not None and len(where) > MOST_NAMED:
        said = f"in {len(where)} countries that its terms name"
    report = ", each use reported" if any("train" in one.report_uses for one in terms) else ""
    return f"as its licenses allow: from {starts} until {ends}, {said}{report}"


def _territory(value: Any) -> frozenset[str] | str:
    return value if isinstance(value, str) else frozenset(value)


def _use_faults(terms: Terms) -> Iterator[str]:
    unknown = sorted(map(str, terms.uses - set(USES)))
    if unknown:
        yield f"unknown use {', '.join(unknown)} (there are {', '.join(USES)})"
    if not terms.uses:
        yield "name at least one use"
    extra = sorted(map(str, terms.report_uses - terms.uses))
    if extra:
        yield f"{', '.join(extra)} is to be reported but is not among the uses"
    if terms.medium not in MEDIA:
        yield f"unknown medium {terms.medium!r} (there is {', '.join(MEDIA)})"


def _place_faults(terms: Terms) -> Iterator[str]:
    if isinstance(terms.territory, str):
        if terms.territory != WORLD:
            yield f"territory is {WORLD!r} or a set of country codes, not {terms.territory!r}"
    elif not terms.territory:
        yield "name at least one territory"
    elif terms.territory - CODES:
        unknown = sorted(map(str, terms.territory - CODES))
        yield f"unknown territory {', '.join(unknown)} (use ISO 3166 codes such as DE)"
    if terms.starts_on >= terms.ends_on:
        yield f"the window ends on {terms.ends_on}, which is not after its start on {terms.starts_on}"


def _number_faults(terms: Terms) -> Iterator[str]:
    if not _whole(terms.version, 1, 1):
        yield f"version {terms.version!r} is not known here (this is version 1)"
    if terms.cap is not None and not _whole(terms.cap, 1, MOST_WORKS):
        yield f"cap is None or a whole number from 1 to {MOST_WORKS:,}, not {terms.cap!r}"
    if terms.price.asset != USD or not 0 <= terms.price.amount <= MOST_UNITS:
        yield f"price is an amount of {USD} from 0 to {MOST_UNITS:,} units"
    wrong = [name for name in ("royalty_ppm", "fan_ppm", "max_copy_ppm") if not _whole(getattr(terms, name), 0, WHOLE)]
    for name in wrong:
        yield f"{name} is a whole number of millionths from 0 to {WHOLE:,}, not {getattr(terms, name)!r}"
    if not wrong and terms.royalty_ppm + terms.fan_ppm > WHOLE:
        yield f"royalty_ppm and fan_ppm add up to {terms.royalty_ppm + terms.fan_ppm:,}, more than {WHOLE:,}"


def _text_faults(terms: Terms) -> Iterator[str]:
    text = terms.attribution
    # One visible line: a credit with line breaks or direction marks could pass for another clause of the deed.
    if not isinstance(text, str) or text != text.strip() or len(text) > MOST_LETTERS or not all(map(_visible, text)):
        yield f"attribution is one line of at most {MOST_LETTERS} printable letters without outer spaces"


def _visible(letter: str) -> bool:
    joiners = "\u200c\u200d"  # needed to write several languages
    return letter in joiners or letter == " " or unicodedata.category(letter)[0] not in "CZ"


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
