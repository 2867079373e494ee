"""Pure: the whole money policy: which accounts each kind of event moves money between, in entries that sum to zero.

Boundary: plain values in, an `Entry` out; `ledger.post` writes it. An entry carries in `facts` every public input that
it was computed from, so that anyone can compute it again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from core import canonical
from core.errors import Invalid
from core.money import Money
from core.shares import WHOLE
from licensing.dues import Part, divided
from payments.waterfall import FaultyProgram, Kind, Program, Step, increments, read, sticks

PLATFORM, COMPUTE = "platform", "compute"
FEE, EXPLOITATION = "fee", "exploitation"
STREAMS = (FEE, EXPLOITATION)  # the kinds of revenue that a work's program divides; never mixed
REVERSAL = "-reversal"
KINDS = ("topup", "hold", "release", FEE, EXPLOITATION)
COMPUTE_PRICE = Money(20_000)
MOST_REPORTED = Money.parse("1000000.00")  # as earned by a work at once
MOST_UNITS = 2**63 - 1  # the database counts in 64 bits
_ACCOUNT = re.compile(r"platform|compute|(world|credit|hold|creator|person):[A-Za-z0-9_.-]{1,80}")
_PAYEE = re.compile(r"platform|compute|(creator|person):.+")
_REFERENCE = re.compile(r"[\x21-\x7e]{1,200}")


class FaultyEntry(Invalid):
    """The postings do not make an entry."""


class NotAnAmount(Invalid):
    """This amount of money cannot be moved."""


class PayerAmongPayees(Invalid):
    """A fee would go back to the one who pays it."""


@dataclass(frozen=True)
class Posting:
    """`amount` units onto an account; negative: off it."""

    account: str
    amount: int


@dataclass(frozen=True)
class Entry:
    """One event in the ledger. Each account appears once, no amount is 0, the amounts sum to 0. Raises FaultyEntry.

    kind: one of KINDS, or one with `-reversal` after it. reference: what makes the event unique, printable ASCII.
    """

    kind: str
    reference: str
    asset: str
    postings: tuple[Posting, ...]
    facts: dict[str, Any]

    def __post_init__(self) -> None:
        accounts = [posting.account for posting in self.postings]
        amounts = [posting.amount for posting in self.postings]
        checks = (
            (base(self.kind) in KINDS, f"{self.kind!r} is no kind of entry"),
            (_REFERENCE.fullmatch(self.reference), "a reference is 1 to 200 printable ASCII signs without spaces"),
            (
                self.reference.endswith(REVERSAL) == self.kind.endswith(REVERSAL),
                f"references that end in {REVERSAL} are those of reversals",
            ),
            (len(accounts) >= 2, "money moves between at least two accounts"),
            (len(set(accounts)) == len(accounts), "an account appears twice"),
            (all(_ACCOUNT.fullmatch(account) for account in accounts), f"no such kind of account among {accounts}"),
            (all(0 < abs(amount) <= MOST_UNITS for amount in amounts), "an amount is zero or beyond 64 bits"),
            (sum(amounts) == 0, f"the amounts sum to {sum(amounts)}, not to 0"),
        )
        fault = next((words for fine, words in checks if not fine), None)
        if fault:
            raise FaultyEntry(f"this cannot be posted: {fault}", reference=self.reference[:200])

    @property
    def work(self) -> str | None:
        """The work it is about, if any."""
        work: str | None = self.facts.get("work")
        return work

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "reference": self.reference,
            "asset": self.asset,
            "postings": [[posting.account, posting.amount] for posting in self.postings],
            "facts": self.facts,
        }

    def inputs_hash(self) -> str:
        """SHA-256 of the canonical document: equal content, equal hash."""
        return canonical.digest(self.document())


@dataclass(frozen=True)
class FeePolicy:
    """What the house takes of a fee: first `compute`, then `platform_ppm` millionths of what is left."""

    platform_ppm: int = 150_000
    compute: Money = COMPUTE_PRICE

    def __post_init__(self) -> None:
        if not 0 <= self.platform_ppm <= WHOLE:
            raise FaultyProgram(f"the platform's share is in millionths, 0 to {WHOLE:,}, not {self.platform_ppm}")
        if self.compute.amount < 0:
            raise NotAnAmount(f"computing cannot cost {self.compute}")


def base(kind: str) -> str:
    """The kind itself, for a reversal the kind that it reverses."""
    return kind.removesuffix(REVERSAL)


def has_floor(account: str) -> bool:
    """Whether the account may never fall below zero: a fan's prepaid credit, and what is held for a work."""
    return account.startswith(("credit:", "hold:"))


def fee_program(
    *,
    compute: int,
    platform_ppm: int,
    licensors: Sequence[tuple[str, int]],
    payer: Collection[str] = (),
    self_licensed: bool = False,
) -> Program:
    """How a fee is divided: first `compute` units, then the platform's millionths of what is left, then the licensors.

    licensors: (account, share) by the work's measured shares, summing to 1,000,000. payer: every account that is the
    payer's own; none may be paid, except their creator accounts when they license the style themselves.
    Raises PayerAmongPayees, FaultyProgram.
    """
    steps = [Step(COMPUTE, Kind.FIRST, cap=compute)] if compute else []
    program = _program([*steps, *_share(PLATFORM, platform_ppm, of=WHOLE)], licensors)
    own = sorted(program.payees & set(payer))
    if own and not (self_licensed and all(account.startswith("creator:") for account in own)):
        raise PayerAmongPayees(
            f"the fee would go back to its payer through {', '.join(own)}; a fee pays others", accounts=own
        )
    return program


def exploitation_program(*, fan: str, fan_ppm: int, platform_ppm: int, licensors: Sequence[tuple[str, int]]) -> Program:
    """How what a finished work earns is divided: platform and fan their millionths of the gross, licensors the rest.

    fan: an account, `person:<id>`. licensors: as in `fee_program`. Raises FaultyProgram.
    """
    if platform_ppm + fan_ppm > WHOLE:
        raise FaultyProgram(f"platform and fan cannot have more than {WHOLE:,} millionths together")
    steps = [*_share(PLATFORM, platform_ppm, of=WHOLE), *_share(fan, fan_ppm, of=WHOLE - platform_ppm)]
    return _program(steps, licensors)


def income_program(parts: Sequence[Part], *, fan: str) -> Program:
    """How what a work earns is divided where it rests on several licenses: see `licensing.dues.divided`.

    The licensors of `parts` are accounts. Raises FaultyProgram.
    """
    if sum(part.share for part in parts) != WHOLE:
        raise FaultyProgram(f"the parts of a work sum to {WHOLE:,} millionths", shares=[part.share for part in parts])
    owed = divided(parts)
    return exploitation_program(
        fan=fan, fan_ppm=owed.fan_ppm, platform_ppm=owed.platform_ppm, licensors=list(owed.licensors)
    )


def topup(*, charge: str, person: str, amount: Money, processor: str) -> Entry:
    """Money from outside becomes a fan's prepaid credit."""
    facts = {"charge": charge, "person": person, "processor": processor}
    return _transfer("topup", f"charge:{charge}", amount, f"world:{processor}", f"credit:{person}", facts)


def hold(*, work: str, person: str, amount: Money) -> Entry:
    """The price of an ordered work leaves the fan's credit and waits for the work."""
    facts = {"work": work, "person": person}
    return _transfer("hold", hold_reference(work), amount, f"credit:{person}", f"hold:{work}", facts)


def release(*, work: str, person: str, amount: Money) -> Entry:
    """The work came to nothing: what was held goes back."""
    facts = {"work": work, "person": person}
    return _transfer("release", f"work:{work}:release", amount, f"hold:{work}", f"credit:{person}", facts)


def hold_reference(work: str) -> str:
    return f"work:{work}:hold"


def fee(program: Program, before: int, after: int, *, work: str, payer: str, asset: str, reference: str) -> Entry:
    """What was held for a work is divided by its program, as its stream goes from `before` to `after` units.

    payer: the person id of who paid the hold. Raises PayerAmongPayees, NotAnAmount.
    """
    own = sorted(program.payees & {f"person:{payer}", f"credit:{payer}"})
    if own:
        raise PayerAmongPayees(f"the fee would go back to its payer through {own[0]}; a fee pays others", accounts=own)
    _grows(before, after)
    facts = {"work": work, "person": payer, "source": f"hold:{work}"}
    return _divided(FEE, program, (before, after), facts, asset=asset, reference=reference)


def exploitation(
    program: Program, before: int, after: int, *, work: str, source: str, asset: str, reference: str
) -> Entry:
    """What a finished work earned is divided by its program. source: the account it comes from, `world:<where>`.

    Raises FaultyEntry, NotAnAmount.
    """
    _grows(before, after)
    if not source.startswith("world:"):
        raise FaultyEntry(f"what a work earns comes from outside, from a world: account, not from {source!r}")
    return _divided(
        EXPLOITATION, program, (before, after), {"work": work, "source": source}, asset=asset, reference=reference
    )


def reverse(entry: Entry, *, received: int | None = None) -> Entry:
    """The entry that takes `entry` back, to the unit.

    A fee or exploitation entry is a step of a stream: `received` is where that stream stands now (default: where the
    entry left it), and each payee gives back E(received) - E(received - amount), however much came after.
    """
    if entry.kind != base(entry.kind):
        raise FaultyEntry(f"{entry.reference} is a reversal itself; post the event anew instead")
    kind, reference = entry.kind + REVERSAL, entry.reference + REVERSAL
    facts = {**entry.facts, "reverses": entry.reference}
    if entry.kind not in STREAMS:
        postings = tuple(Posting(posting.account, -posting.amount) for posting in entry.postings)
        return Entry(kind, reference, entry.asset, postings, facts)
    before = facts["after"] if received is None else received
    span = (before, before - (facts["after"] - facts["before"]))
    return _divided(kind, read(facts["program"]), span, facts, asset=entry.asset, reference=reference)


def recompute(entry: Entry) -> tuple[Posting, ...]:
    """The postings that the facts of a fee or exploitation entry (or its reversal) demand, computed afresh."""
    facts = entry.facts
    program = read(facts["program"])
    again = _divided(
        entry.kind, program, (facts["before"], facts["after"]), facts, asset=entry.asset, reference=entry.reference
    )
    return again.postings


def _transfer(kind: str, reference: str, amount: Money, source: str, target: str, facts: dict[str, Any]) -> Entry:
    if not 0 < amount.amount <= MOST_UNITS:
        raise NotAnAmount(f"{amount} cannot be moved; an amount is positive and fits in 64 bits", amount=amount.amount)
    postings = (Posting(source, -amount.amount), Posting(target, amount.amount))
    return Entry(kind, reference, amount.asset, postings, facts)


def _grows(before: int, after: int) -> None:
    if before >= after:
        raise NotAnAmount(f"{after - before} units cannot be received; an amount is positive", amount=after - before)


def _divided(
    kind: str, program: Program, span: tuple[int, int], facts: dict[str, Any], *, asset: str, reference: str
) -> Entry:
    before, after = span
    if before == after or max(before, after) > MOST_UNITS:
        raise NotAnAmount(f"{after - before} units cannot be divided onto {before}; positive, within 64 bits")
    parts = increments(program, before, after)
    postings = [Posting(facts["source"], before - after), *(Posting(to, part) for to, part in parts.items() if part)]
    whole = {**facts, "program": program.document(), "program_id": program.id, "before": before, "after": after}
    return Entry(kind, reference, asset, tuple(postings), whole)


def _share(to: str, ppm: int, *, of: int) -> list[Step]:
    if ppm < 0 or ppm > of:
        raise FaultyProgram(f"{to} cannot have {ppm:,} of the {of:,} millionths that are left")
    return [Step(to, Kind.SHARE, ppm, of)] if ppm else []


def _program(steps: list[Step], licensors: Sequence[tuple[str, int]]) -> Program:
    rest = sticks(licensors)
    if any(not step.to.startswith("creator:") for step in rest):
        raise FaultyProgram("licensors are paid on creator: accounts", licensors=[step.to for step in rest])
    program = Program((*steps, *rest))
    strangers = sorted(to for to in program.payees if not _PAYEE.fullmatch(to))
    if strangers:
        raise FaultyProgram(f"money is not divided onto {', '.join(strangers)}; payees are creators, fans, the house")
    return program
