"""Pure: terms as text for people and as ODRL for machines, both made from the same fields and nothing else.

Each clause has a line of its own that no other clause can imitate, so different terms never give the same deed, and
the hash of the text, kept in the offer, says which words were agreed to.

Machines get JSON-LD in the ODRL Information Model and Vocabulary 2.2 (W3C Recommendations, 2018). What that vocabulary
has no word for (income shares, the largest copy, training, advertising) is named in a profile of our own, `homage:`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from core import canonical
from core.errors import Invalid
from core.money import Money
from licensing.terms import Terms
from licensing.territories import WORLD

PROFILE = "urn:homage:odrl:1"
CONTEXT = [
    "http://www.w3.org/ns/odrl.jsonld",
    {"homage": f"{PROFILE}#", "xsd": "http://www.w3.org/2001/XMLSchema#"},
]
ACTIONS = {
    "publish": "distribute",
    "stream": "stream",
    "sell": "sell",
    "print": "print",
    "advertise": "homage:advertise",
    "sample": "extract",
    "train": "homage:train",
}
DOLLAR = "urn:iso:std:iso:4217:USD"

Json = dict[str, Any]


class BadDeed(Invalid):
    """The document is not a deed as it is written here."""


def text(terms: Terms) -> str:
    """The deed for people, one clause a line."""
    clauses = {
        "Making": f"works may be made in this style, in the medium {terms.medium}",
        "Number": "any number of works under one license" if terms.cap is None else _works(terms.cap),
        "Price": f"each work costs {terms.price}",
        "Uses": f"with a work made under this license you may: {_list(terms.uses)}",
        "Reporting": f"each time must be reported: {_list(terms.report_uses)}"
        if terms.report_uses
        else "no use has to be reported",
        "Training": "training of AI models is "
        + ("allowed, as a use above" if "train" in terms.uses else "reserved to the creator"),
        "Territory": "the whole world" if terms.territory == WORLD else f"only in {_list(terms.territory)}",
        "Term": f"from {terms.starts_on} until {terms.ends_on}, this day not included (UTC)",
        "Copying": f"no unchanged copy of one piece may be larger than {_percent(terms.max_copy_ppm)} of a work",
        "Income": f"of what a finished work earns, creators receive {_percent(terms.royalty_ppm)},"
        f" the fan {_percent(terms.fan_ppm)}, the platform {_percent(terms.platform_ppm)}",
        "Credit": f"a work must carry the words: {terms.attribution}" if terms.attribution else "none is asked for",
        "Withdrawal": "the creator may revoke this license; then nothing more is made under it, and works made under it"
        " are answered as withdrawn",
    }
    lines = [f"{name + ':':<12}{words}" for name, words in clauses.items()]
    return "\n".join([f"License deed (terms, version {terms.version})", "", *lines, ""])


def text_hash(terms: Terms) -> str:
    """SHA-256 of the deed's text in UTF-8, in hex."""
    return hashlib.sha256(text(terms).encode()).hexdigest()


def odrl(terms: Terms) -> Json:
    """The deed for machines: an ODRL Set with a rule for making works and one for each use of them."""
    making = {
        "target": "homage:style",
        "action": "derive",
        "constraint": [
            *_when(terms),
            _constraint("homage:largestCopy", "lteq", terms.max_copy_ppm),
            *([] if terms.cap is None else [_constraint("count", "lteq", terms.cap)]),
        ],
        "duty": [{"action": "compensate", "constraint": [_pay(terms.price)]}],
    }
    reserved = [] if "train" in terms.uses else [{"target": "homage:style", "action": ACTIONS["train"]}]
    return {
        "@context": CONTEXT,
        "@type": "Set",
        "uid": f"urn:homage:terms:{terms.hash}",
        "profile": PROFILE,
        "permission": [making, *(_use(terms, use) for use in sorted(terms.uses))],
        **({"prohibition": reserved} if reserved else {}),
        "homage:version": terms.version,
        "homage:deed": text_hash(terms),
        "homage:creators": terms.royalty_ppm,
        "homage:fan": terms.fan_ppm,
        "homage:platform": terms.platform_ppm,
    }


def read_odrl(document: Json) -> Terms:
    """The terms whose deed this is, word for word. Raises BadDeed for any other document, also an altered one."""
    try:
        terms = _read(document)
        same = canonical.dumps(odrl(terms)) == canonical.dumps(document)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, Invalid) as error:
        raise BadDeed(f"this is no deed as it is written here ({error}); fetch it again from where it came") from error
    if not same:
        raise BadDeed("this deed was altered: it says something else than its terms; fetch it again")
    return terms


def _use(terms: Terms, use: str) -> Json:
    place = [] if terms.territory == WORLD else [_constraint("spatial", "isAnyOf", sorted(terms.territory))]
    credit = [{"action": "attribute", "homage:credit": terms.attribution}] if terms.attribution else []
    report = [{"action": "inform"}] if use in terms.report_uses else []
    duty = [*credit, *report]
    return {
        "target": "homage:work",
        "action": ACTIONS[use],
        "constraint": [*_when(terms), *place],
        **({"duty": duty} if duty else {}),
    }


def _when(terms: Terms) -> list[Json]:
    return [
        _constraint("media", "eq", terms.medium),
        _constraint("dateTime", "gteq", {"@value": terms.starts_on.isoformat(), "@type": "xsd:date"}),
        _constraint("dateTime", "lt", {"@value": terms.ends_on.isoformat(), "@type": "xsd:date"}),
    ]


def _pay(price: Money) -> Json:
    whole, part = divmod(price.amount, 10**price.scale)
    amount = {"@value": f"{whole}.{part:0{price.scale}d}", "@type": "xsd:decimal"}
    return {**_constraint("payAmount", "eq", amount), "unit": DOLLAR}


def _constraint(left: str, operator: str, right: Any) -> Json:
    return {"leftOperand": left, "operator": operator, "rightOperand": right}


def _read(document: Json) -> Terms:
    making, *using = document["permission"]
    limits = _operands(making)
    place = _operands(using[0]).get(("spatial", "isAnyOf"))
    names = {action: use for use, action in ACTIONS.items()}
    duties = {duty["action"]: duty for duty in using[0].get("duty", [])}
    return Terms(
        version=document["homage:version"],
        uses=frozenset(names[rule["action"]] for rule in using),
        report_uses=frozenset(names[rule["action"]] for rule in using if {"action": "inform"} in rule.get("duty", [])),
        medium=limits["media", "eq"],
        territory=WORLD if place is None else frozenset(place),
        starts_on=dt.date.fromisoformat(limits["dateTime", "gteq"]["@value"]),
        ends_on=dt.date.fromisoformat(limits["dateTime", "lt"]["@value"]),
        cap=limits.get(("count", "lteq")),
        price=Money.parse(making["duty"][0]["constraint"][0]["rightOperand"]["@value"]),
        royalty_ppm=document["homage:creators"],
        fan_ppm=document["homage:fan"],
        max_copy_ppm=limits["homage:largestCopy", "lteq"],
        attribution=duties.get("attribute", {}).get("homage:credit", ""),
    )


def _operands(rule: Json) -> dict[tuple[str, str], Any]:
    return {(x["leftOperand"], x["operator"]): x["rightOperand"] for x in rule["constraint"]}


def _works(cap: int) -> str:
    return f"up to {cap:,} {'work' if cap == 1 else 'works'} under one license"


def _percent(millionths: int) -> str:
    """Exact, e.g. `33.3333 %`."""
    return f"{millionths // 10_000}.{millionths % 10_000:04d}".rstrip("0").rstrip(".") + " %"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
