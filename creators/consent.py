"""Pure: what a creator must declare before a style may be licensed, and the statement they stand by.

The shape follows what the NO FAKES bill (2025, S. 1367) asks of a license by a living person: a reasonably specific
description of the uses and a term of at most ten years. Minors are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from core import canonical
from core.errors import Invalid

MEDIA = ("picture", "sound")
MOST_YEARS = 10
FEWEST_WORDS = 5  # a floor below which no text is specific; whether a longer one is, a person judges
MOST_LETTERS = 2_000
NAME_LETTERS = 200

AiTraining = Literal["notAllowed", "constrained", "allowed"]  # the values of CAWG's training and data mining assertion
AI_TRAINING = ("notAllowed", "constrained", "allowed")


class ConsentIncomplete(Invalid):
    """The declaration lacks something without which a style may not be licensed."""


@dataclass(frozen=True)
class Declaration:
    """What a creator declares. `uses`: in their words. `expires_on`: the first day (UTC) it no longer holds."""

    creator: str
    legal_name: str
    is_author: bool
    holds_rights: bool
    adult: bool
    medium: str
    uses: str
    expires_on: date
    declared_at: datetime
    ai_training: AiTraining = "notAllowed"

    @property
    def valid_until(self) -> datetime:
        return datetime.combine(self.expires_on, time(), UTC)

    def statement(self) -> str:
        """The text to show and to sign; every declared field is in it."""
        return (
            f"I, {self.legal_name} ({self.creator}), declare on {self.declared_at.astimezone(UTC).isoformat()}:"
            f" I {_am(self.is_author)} the author of the works I register for this style ({self.medium});"
            f" I {'hold' if self.holds_rights else 'do not hold'} the rights in them that this needs;"
            f" I {_am(self.adult)} of age."
            f" I allow these uses of my style, under the terms of the offers I publish: {self.uses}"
            f" This holds until {self.expires_on.isoformat()}, unless I withdraw it earlier, which I may at any time."
            f" Training of AI models on my works: {_TRAINING[self.ai_training]}."
        )

    def document(self) -> dict[str, Any]:
        """The declaration as plain JSON values, with its statement."""
        return {
            "creator": self.creator,
            "legal_name": self.legal_name,
            "is_author": self.is_author,
            "holds_rights": self.holds_rights,
            "adult": self.adult,
            "medium": self.medium,
            "uses": self.uses,
            "expires_on": self.expires_on.isoformat(),
            "declared_at": self.declared_at.astimezone(UTC).isoformat(),
            "ai_training": self.ai_training,
            "statement": self.statement(),
        }

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical document: what was agreed to, word for word."""
        return canonical.digest(self.document())


def check(declaration: Declaration, at: datetime) -> None:
    """Raises ConsentIncomplete, naming everything that is missing at once."""
    missing = [*_person(declaration), *_uses(declaration), *_term(declaration, at)]
    if missing:
        raise ConsentIncomplete(
            f"the declaration is not complete: {'; '.join(missing)}; correct this and declare again", missing=missing
        )


def _person(declaration: Declaration) -> list[str]:
    name = declaration.legal_name.strip()
    faults = {
        f"give your legal name, in one line of at most {NAME_LETTERS} letters": not name
        or len(name) > NAME_LETTERS
        or not name.isprintable(),
        "confirm that you are the author of the works": not declaration.is_author,
        "confirm that you hold the rights in them": not declaration.holds_rights,
        "confirm that you are of age": not declaration.adult,
    }
    return [fault for fault, found in faults.items() if found]


def _uses(declaration: Declaration) -> list[str]:
    words = {word.casefold() for word in declaration.uses.split()}
    faults = {
        f"name the medium, one of: {', '.join(MEDIA)}": declaration.medium not in MEDIA,
        f"say specifically which uses you allow, in at least {FEWEST_WORDS} different words": len(words) < FEWEST_WORDS,
        f"say it in at most {MOST_LETTERS:,} letters": len(declaration.uses) > MOST_LETTERS,
        "say it in printable letters and line breaks": not "".join(declaration.uses.split()).isprintable(),
        f"say of AI training one of: {', '.join(AI_TRAINING)}": declaration.ai_training not in AI_TRAINING,
    }
    return [fault for fault, found in faults.items() if found]


def _term(declaration: Declaration, at: datetime) -> list[str]:
    if declaration.declared_at.tzinfo is None:
        return ["give the time of the declaration with its time zone"]
    latest = _years_later(declaration.declared_at.astimezone(UTC).date(), MOST_YEARS)
    faults = {
        "the declaration is dated in the future": declaration.declared_at > at,
        "its end has passed": declaration.valid_until <= at,
        f"its term is longer than {MOST_YEARS} years; end it on {latest.isoformat()} or before": (
            declaration.expires_on > latest
        ),
    }
    return [fault for fault, found in faults.items() if found]


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _am(true: bool) -> str:
    return "am" if true else "am not"


_TRAINING = {
    "notAllowed": "not allowed",
    "constrained": "only as an offer of mine says",
    "allowed": "allowed",
}
