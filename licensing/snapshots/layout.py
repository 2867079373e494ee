"""Pure: what lies where in a snapshot. docs/offline.md describes the same for those who write a reader of their own.

A work's number is told only to who holds the work: half of it is covered by the SHA-256 of its file, and again by that
of its samples, of which the snapshot has eight bytes. Uncovering it with another hash gives a number that does not fit
the work's name, so a match is sure to 128 bits.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import Any, Final

from core import canonical
from core.errors import Invalid
from core.money import Money
from creators.consent import MEDIA
from licensing.terms import USES, Terms
from licensing.territories import CODES, WORLD

VERSION: Final = 1
BLOCK: Final = 1 << 14  # bytes that are hashed, and checked, together
MOST_BYTES: Final = 1 << 36
LASTS: Final = timedelta(days=7)
PLACES: Final = tuple(sorted(CODES))
STATES: Final = ("active", "revoked")
STYLES: Final = ("draft", "listed", "held", "suspended", "retired")

WORK: Final = Struct("<8s6sBHIB")  # name, time, kind, day of withdrawal, first part, parts; by name
HASH: Final = Struct("<8sI10s")  # beginning of a SHA-256, work, the rest of its number, covered; by beginning
PART: Final = Struct("<II")  # license, or creator of an own work; millionths of the work
LICENSE: Final = Struct("<16sIIBB")  # number, terms, creator, state, its style's state; by number
CREATOR: Final = Struct("<16s")  # number
TERMS: Final = Struct("<32sBBBBIIII32s")  # hash, uses, reported, medium, world, from, to, royalty, fan's part, places
BYTES: Final = Struct("<c")
SECTIONS: Final = {  # in this order
    "works": WORK,
    "files": HASH,
    "samples": HASH,
    "parts": PART,
    "licenses": LICENSE,
    "creators": CREATOR,
    "terms": TERMS,
    "trust": BYTES,
}
ORIGINAL: Final = (1 << 32) - 1  # in place of a work: what a style learned from, to which nobody holds a license
UNSETTLED: Final = (1 << 32) - 1  # in place of a share: the claim does not tell what rests on which license
OWN, SOUND = 1, 2  # bits of a work's kind: a creator's own; sound, where pictures have none
_EPOCH = date(2020, 1, 1)  # day 1 is the one after it; 0: never
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_AS_PYTHONS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # as `int` reads them
_HASH = re.compile(r"[0-9a-f]{64}")


class SnapshotRefused(Invalid):
    """The file is no snapshot, is damaged, or does not follow the one that it was given with."""


@dataclass(frozen=True)
class Header:
    """What is signed. `root`: of the blocks; `base`: the digest of the one that this one follows, None of a whole one.

    `counts`: records of each of SECTIONS. `house`: the address of who signs.
    """

    house: str
    at: datetime
    base: str | None
    root: str
    counts: dict[str, int]

    @property
    def digest(self) -> str:
        """What those that follow it call it: its root alone may be that of another, in which as little had changed."""
        return hashlib.sha256(self.dumps()).hexdigest()

    @property
    def not_after(self) -> datetime:
        """Until when it answers."""
        return self.at + LASTS

    @property
    def size(self) -> int:
        """Bytes of all sections."""
        return sum(SECTIONS[name].size * count for name, count in self.counts.items())

    @property
    def blocks(self) -> int:
        return -(-self.size // BLOCK)

    def start(self, section: str) -> int:
        """Where a section begins, from the first one on."""
        before = list(SECTIONS)[: list(SECTIONS).index(section)]
        return sum(SECTIONS[name].size * self.counts[name] for name in before)

    def dumps(self) -> bytes:
        """The one spelling, which is signed. The words are those that the numbers in the sections stand for."""
        words = {"uses": USES, "media": MEDIA, "states": STATES, "styles": STYLES, "territories": PLACES}
        return canonical.dumps(
            {
                "v": VERSION,
                "iss": self.house,
                "at": int(self.at.timestamp()),
                "not_after": int(self.not_after.timestamp()),
                "base": self.base,
                "root": self.root,
                "block": BLOCK,
                "sections": self.counts,
                "words": {name: list(said) for name, said in words.items()},
            }
        )


def read_header(data: bytes) -> Header:
    """What `dumps()` wrote, and nothing else. Raises SnapshotRefused."""
    try:
        said = json.loads(data)
        counts = {name: said["sections"][name] for name in SECTIONS}
        header = Header(said["iss"], datetime.fromtimestamp(said["at"], UTC), said["base"], said["root"], counts)
        fine = all(type(count) is int and 0 <= count < 1 << 32 for count in counts.values())
        if fine and header.dumps() == data and header.size <= MOST_BYTES:
            return header
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError):
        pass
    raise SnapshotRefused("this snapshot is of another version; update Homage, or ask its house to")


def number(id: str) -> bytes:
    """The 16 bytes of an id without its kind."""
    return int(id[4:].translate(_AS_PYTHONS), 32).to_bytes(16)


def id_of(kind: str, number: bytes) -> str:
    """The id with these 16 bytes: `id_of("wrk", number(work)) == work`."""
    value = int.from_bytes(number)
    return f"{kind}_" + "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def name(number: bytes) -> bytes:
    """What a work is called in a snapshot, by which its number is not found out."""
    return hashlib.sha256(b"homage work\0" + number).digest()[:8]


def covered(rest: bytes, sha256: str) -> bytes:
    """The last ten bytes of a number, covered by a hash; covering again uncovers."""
    cover = hashlib.sha256(b"homage cover\0" + bytes.fromhex(sha256)).digest()
    return bytes(a ^ b for a, b in zip(rest, cover, strict=False))


def is_hash(sha256: str) -> bool:
    return _HASH.fullmatch(sha256) is not None


def day(at: datetime | None) -> int:
    """A day (UTC) as it is stored; 0 is never. What was before the first is on the first."""
    return 0 if at is None else min(max((at.astimezone(UTC).date() - _EPOCH).days, 1), (1 << 16) - 1)


def of_day(stored: int) -> datetime | None:
    said = _EPOCH + timedelta(days=stored)
    return datetime(said.year, said.month, said.day, tzinfo=UTC) if stored else None


def standing(state: str, style: str) -> tuple[int, int]:
    """The state of a license and of its style, as they are stored."""
    return STATES.index(state), STYLES.index(style)


def pack_terms(sha256: str, terms: Terms) -> bytes:
    """What is asked of terms, and their hash; the price, and a credit that may name somebody, stay at home."""
    world = terms.territory == WORLD
    places = 0 if world else sum(1 << place for place, code in enumerate(PLACES) if code in terms.territory)
    return TERMS.pack(
        bytes.fromhex(sha256),
        _bits(terms.uses),
        _bits(terms.report_uses),
        MEDIA.index(terms.medium),
        world,
        terms.starts_on.toordinal(),
        terms.ends_on.toordinal(),
        terms.royalty_ppm,
        terms.fan_ppm,
        places.to_bytes(32, "little"),
    )


def read_terms(data: bytes) -> tuple[Terms, str]:
    """The terms as far as they are asked about, and their hash."""
    sha256, uses, reported, medium, world, starts, ends, royalty, fan, places = TERMS.unpack(data)
    bits = int.from_bytes(places, "little")
    terms = Terms(
        medium=MEDIA[medium],
        starts_on=date.fromordinal(starts),
        ends_on=date.fromordinal(ends),
        price=Money(0),
        royalty_ppm=royalty,
        fan_ppm=fan,
        max_copy_ppm=0,
        uses=_words(uses),
        report_uses=_words(reported),
        territory=WORLD if world else frozenset(code for place, code in enumerate(PLACES) if bits >> place & 1),
    )
    return terms, sha256.hex()


def _bits(uses: frozenset[str]) -> int:
    return sum(1 << place for place, use in enumerate(USES) if use in uses)


def _words(bits: int) -> frozenset[str]:
    return frozenset(use for place, use in enumerate(USES) if bits >> place & 1)


def described(header: Header) -> dict[str, Any]:
    """A snapshot in words, as plain JSON values."""
    return {
        "house": header.house,
        "at": header.at.isoformat(),
        "not_after": header.not_after.isoformat(),
        "digest": header.digest,
        "root": header.root,
        "base": header.base,
        "works": header.counts["works"],
        "licenses": header.counts["licenses"],
        "terms": header.counts["terms"],
    }
