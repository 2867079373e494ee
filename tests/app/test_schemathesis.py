"""Requests that a machine makes up from the description: none breaks the API, and each answer is as described.

In four roles, with real ids among the made-up ones, so that operations do their work and not only refuse. The short
form asks what each description itself demands (coverage) or little; the long form, of `make test-all`, asks more, and
follows what answers link to.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from schemathesis import Case, CheckContext, Response, SerializationContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from core import db, encode
from core.networks import Network
from core.web import SCOPES
from creators import styles
from creators.models import Asset, Creator, Style
from tests.app import matrix
from tests.app.made_up import BODIES, BY_SECRET, ENDING, IN_SANDBOX, OF_STAFF, ONCE, ORDER, OUTSIDE, PLACES, USED
from tests.app.matrix import Scene
from tests.creators.studio import texture
from tests.doors import WHO, Doors
from tests.licensing import answering

CALLERS = ("nobody", "person", "key", "staff")
SHORT = ("person", *(pytest.param(role, marks=pytest.mark.slow) for role in ("nobody", "key", "staff")))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "every_refusal_is_a_problem",  # our own, below
    "what_is_done_is_described",
)
PROBLEM = "application/problem+json"
MEMBERS = frozenset({"type", "title", "status", "detail", "instance"})
FOLLOWING = "GET /v1/works/{id}/events"
EMBED = "GET /v1/oembed"
BULK = "POST /v1/verifications/batch"
NEAREST = "POST /v1/styles/nearest"
# What refuses more than a wrong shape does, and often comes first: too little credit, another protocol, another digest.
REJECTED = [
    "400",
    "401",
    "402",
    "403",
    "404",
    "405",
    "409",
    "410",
    "412",
    "413",
    "414",
    "415",
    "422",
    "423",
    "429",
    "460",
]
KNOWN: set[str] = set()  # the types of problems that GET /problems lists


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(_: SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.serializer("application/x-ndjson")
def as_a_line(_: SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.check
def every_refusal_is_a_problem(_: CheckContext, response: Response, case: Case) -> None:
    """RFC 9457, with a `type` that is one of those that `GET /problems` lists."""
    if response.status_code < 400 or case.method == "HEAD":
        return
    assert response.headers["content-type"][0] == PROBLEM, response.headers["content-type"]
    problem = response.json()
    assert problem.keys() >= MEMBERS, f"without {MEMBERS - problem.keys()}"
    assert problem["status"] == response.status_code
    assert problem["type"] in KNOWN, f"{problem['type']} is an address that means nothing"


@schemathesis.check
def what_is_done_is_described(_: CheckContext, response: Response, case: Case) -> None:
    """`default` is for refusals: every other answer has a status that the operation names."""
    if response.status_code < 400:
        named = case.operation.definition.raw["responses"]
        assert str(response.status_code) in named, f"{response.status_code} is none of {sorted(named)}"


@dataclass
class Asked:
    """What came of one role's requests: statuses by operation, and every failed check."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def take(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.NonFatalError | events.FatalError):
            error = event.value if isinstance(event, events.NonFatalError) else event.exception
            self.failures.append(f"{getattr(event, 'label', 'the run')}: {type(error).__name__}: {error}")
        if isinstance(event, events.ScenarioFinished):
            self._take(event)

    def _take(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        for id, interaction in recorder.interactions.items():
            if interaction.response is not None:
                label = recorder.cases[id].value.operation.label
                self.statuses.setdefault(label, Counter())[interaction.response.status_code] += 1
        for checks in recorder.checks.values():
            for check in checks:
                if check.status == Status.FAILURE and check.failure_info is not None:
                    failure = check.failure_info.failure
                    said = " ".join(f"{event.phase.value} {recorder.label} [{check.name}] {failure.message}".split())
                    self.failures.append(f"{said[:700]} {check.failure_info.code_sample[:900]}")

    def done(self) -> set[str]:
        """Operations that did at least once what was asked."""
        return {label for label, statuses in self.statuses.items() if any(status < 300 for status in statuses)}

    def never(self, *, but: set[str]) -> list[str]:
        """Operations that were refused whatever was asked."""
        return [f"{label}: {dict(self.statuses[label])}" for label in self.statuses.keys() - self.done() - but]

    def said(self) -> str:
        """Each failure once, with a request that shows it."""
        return "\n\n".join(dict.fromkeys(self.failures))[:20_000]


@pytest.mark.parametrize("caller", SHORT)
def test_made_up_requests_break_nothing(doors: Doors, caller: str) -> None:
    asked = ask(doors, caller, phases=short(caller))
    assert asked.failures == [], asked.said()
    if caller == "person":
        assert asked.never(but=BY_SECRET | OF_STAFF | ONCE | OUTSIDE | IN_SANDBOX) == []
    if caller == "staff":
        assert asked.done() >= OF_STAFF


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("caller", CALLERS)
def test_many_made_up_requests_break_nothing(doors: Doors, caller: str) -> None:
    asked = ask(doors, caller, phases=long())
    assert asked.failures == [], asked.said()


def short(caller: str) -> dict[str, Any]:
    """One role for whom everything is open is asked what coverage demands, the others a request or two each.

    Of the methods that an address does not have two are tried there: the same router refuses all of them.
    """
    return {
        "examples": {"enabled": True},
        "coverage": {"enabled": caller == "person", "unexpected-methods": ["put", "trace"]},
        "fuzzing": {"enabled": True, "generation": {"max-examples": 3 if caller == "person" else 1}},
        "stateful": {"enabled": False},
    }


def long() -> dict[str, Any]:
    return {
        "examples": {"enabled": True},
        "coverage": {"enabled": True},
        "fuzzing": {"enabled": True, "generation": {"max-examples": 60}},
        "stateful": {"enabled": True, "generation": {"max-examples": 60}},
    }


def ask(doors: Doors, caller: str, *, phases: dict[str, Any]) -> Asked:
    """Everything that the description admits, and some that it does not, asked by one role."""
    doors.house.network = Network(resolve=lambda *_: ())  # no name leads anywhere, and none is asked for
    scene = matrix.scene(doors)
    things, headers = as_one(doors, scene, caller)
    KNOWN.update(f"/problems/{one['code']}" for one in doors.client().get("/problems").json())
    described = doors.client().get("/v1/openapi.json").json()
    about = {label: [things[name] for name in names] for label, names in about_what(described).items()}
    config = SchemathesisConfig.from_dict(configured(things, about, headers, phases))
    schema = schemathesis.openapi.from_dict(exampled(described, things, about), config=config)
    schema.app = doors.app
    picture, turns = encode.png(texture(77, height=256, width=320)), itertools.count()

    @schema.hook
    def map_body(_: Any, body: Any) -> Any:
        """Every other file is a picture."""
        if isinstance(body, dict) and "file" in body and next(turns) % 2:
            return {**body, "file": picture}
        return body

    asked = Asked()
    for event in from_schema(schema).execute():
        asked.take(event)
    return asked


def as_one(doors: Doors, scene: Scene, caller: str) -> tuple[dict[str, str], dict[str, str]]:
    """The things of a person who owns what the scene's creator and fan have, and more; the headers of a role."""
    fan, things = scene.clients["fan"], dict(scene.things)
    person = fan.get("/v1/me").json()["person"]
    other = doors.world.artist("Cleo Dyer", seed=5)
    with db.unit(doors.house.sessions) as session:
        for style in (things["style"], other.style):
            session.get_one(Creator, session.get_one(Style, style).creator).person = person
        known = session.get_one(Style, other.style)
        assert known.consent is not None
        things |= {"profile": known.creator, "other_style": known.id, "other_consent": known.consent}
        things["other_draft"] = styles.register(
            session, creator=known.creator, name="Noon", medium="picture", at=doors.world.now
        ).id
        things["other_asset"] = session.query(Asset).filter_by(style=known.id).one().id
    things["picture"] = matrix.upload(fan, encode.png(texture(60, height=300, width=400)))
    things["other_upload"] = matrix.upload(fan, b"to be removed")
    things["other_webhook"] = matrix.webhook(fan)["webhook"]
    order = filled({**ORDER, "offers": [{"offer": other.id, "weight": 1}]}, things)
    assert fan.post("/v1/works", json=order, headers={"Idempotency-Key": "other"}).status_code == 202
    earned = filled({**BODIES["POST /v1/reports"], "reference": "their-own"}, things)
    things["report"] = fan.post("/v1/reports", json=earned, headers={"Idempotency-Key": "own"}).json()["id"]
    things |= matrix.usage(fan, things["work"])
    things["batch"] = matrix.batch(fan)
    answering.run(doors, things["batch"])
    licenses = fan.get("/v1/licenses").json()["items"]
    things["other_license"] = next(one["id"] for one in licenses if one["style"]["id"] == other.style)
    if caller == "nobody":
        return things, {}
    if caller == "key":
        made = fan.post("/v1/me/keys", json={"name": "All", "scopes": sorted(SCOPES)})
        return things, {"Authorization": f"Bearer {made.json()['key']}"}
    # By the tests' own door, so that signing out, and ending all sessions, takes nothing from what is asked next.
    who = person if caller == "person" else scene.clients["staff"].get("/v1/me").json()["person"]
    return things, {WHO: doors.client(who, staff=caller == "staff").headers[WHO]}


def about_what(described: dict[str, Any]) -> dict[str, list[str]]:
    """The names of the things that each operation's path is filled with."""
    found = {}
    for label, _ in operations(described):
        cells = cells_of(label)
        if "{" in label and cells:
            found[label] = [ENDING[label]] if label in ENDING else [cell.thing for cell in cells]
    return found


def cells_of(label: str) -> tuple[matrix.Cell, ...]:
    method, _, path = label.partition(" ")
    return matrix.CELLS.get((method, path.removeprefix("/v1")), ())


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def exampled(described: dict[str, Any], things: dict[str, str], about: dict[str, list[str]]) -> dict[str, Any]:
    """The description with real ids and good bodies as its examples."""
    for label, operation in operations(described):
        cells = cells_of(label)
        given = {name.lower(): value for cell in cells for name, value in {**cell.headers, **cell.params}.items()}
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "delivery":
                parameter["example"] = things["delivery"]
            elif parameter["in"] == "path" and label in about:
                parameter["examples"] = {str(n): {"value": id} for n, id in enumerate(about[label])}
            elif parameter["name"].lower() in given:
                number = parameter["schema"]["type"] == "integer"
                value = filled(given[parameter["name"].lower()], things)
                parameter["example"] = int(value) if number else value
        body = BODIES.get(label) or next((cell.json for cell in cells if cell.json is not None), None)
        if body is not None:
            operation["requestBody"]["content"]["application/json"]["example"] = filled(body, things)
        if label == "POST /v1/usage":
            operation["requestBody"]["content"]["text/csv"]["example"] = filled(USED, things)
    return described


def filled(value: Any, things: dict[str, str]) -> Any:
    """The names of things in braces become their ids."""
    if isinstance(value, dict):
        return {key: filled(part, things) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, things) for part in value]
    return value.format(**things) if isinstance(value, str) else value


def name_in(label: str) -> str:
    return label.partition("{")[2].partition("}")[0]


def configured(
    things: dict[str, str], about: dict[str, list[str]], headers: dict[str, str], phases: dict[str, Any]
) -> dict[str, Any]:
    values = {**filled(PLACES, things), **about}
    names = {place: f"d{number}" for number, place in enumerate(values)}

    def often(place: str) -> dict[str, Any]:
        return {"dictionary": names[place], "probability": 0.7}

    return {
        "seed": 20260501,
        "base-url": "http://127.0.0.1:8000",
        "continue-on-failure": True,
        "headers": headers,
        "request-timeout": 30,
        "generation": {"deterministic": True, "with-security-parameters": False, "database": "none"},
        "checks": {
            "enabled": False,
            **{name: {"enabled": True} for name in CHECKS},
            "negative_data_rejection": {"expected-statuses": REJECTED},
        },
        "phases": phases,
        "dictionaries": {names[place]: {"values": known} for place, known in values.items()},
        "parameters": {place: often(place) for place in PLACES},
        "operations": [
            *({"include-name": label, "parameters": {f"path.{name_in(label)}": often(label)}} for label in about),
            # A stream of a work that waits does not end by itself.
            {"include-name": FOLLOWING, "max-stream-events": 1, "request-timeout": 1},
            # It refuses XML by 501, as oEmbed wants it: a server's error to all but that protocol.
            {"include-name": EMBED, "checks": {"not_a_server_error": {"enabled": False}}},
            # A bad line is answered in its own line, among the others' answers.
            {"include-name": BULK, "checks": {"negative_data_rejection": {"enabled": False}}},
            # To another method than POST this is the address of a style, which no style has.
            {
                "include-name": NEAREST,
                "checks": {name: {"enabled": False} for name in ("unsupported_method", "allow_header_conformance")},
            },
        ],
    }
