"""What each kind of event says, for the API's description: what a receiver finds in a request's body.

Fields may be added to it, none is taken away.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from core.events import KINDS, MOST_WORKS, PING
from core.web import Amount, Out

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
REFERENCE = "#/components/schemas/{model}"


class LicenseRevokedData(Out):
    """The license, what it was granted from, by whom and to whom."""

    license: str
    offer: str
    style: str
    licensor: str
    licensee: str
    reason: str


class WorkWithdrawnData(Out):
    """Works that are no longer licensed, whatever was answered about them before."""

    works: Annotated[list[str], Field(max_length=MOST_WORKS)]
    reason: str


class ReportAcceptedData(Out):
    """A report of income; `GET /v1/reports/{id}` has how it was divided."""

    report: str
    reference: str
    work: str
    amount: Amount


class UsageTakenData(Out):
    """A file of usage, its lines counted; `GET /v1/usage/{id}` has the rest."""

    report: str
    lines: int
    taken: int
    duplicates: int
    held: int
    faulty: int
    earned: Amount


class UsageFailedData(UsageTakenData):
    """The same of a file that could not be taken to its end, and why: send it again."""

    reason: str


class WorkFirstSaleData(Out):
    """The first income that was reported for a work."""

    work: str
    amount: Amount


class PingData(Out):
    """The webhook that is tested."""

    webhook: str


class BatchFinishedData(Out):
    """A batch of questions; `answers` is the address of what was answered, or null where it failed."""

    batch: str
    state: Literal["done", "failed"]
    answered: int
    answers: str | None
    reason: str | None


DATA: dict[str, type[Out]] = {
    "license.revoked": LicenseRevokedData,
    "work.withdrawn": WorkWithdrawnData,
    "report.accepted": ReportAcceptedData,
    "usage.taken": UsageTakenData,
    "usage.failed": UsageFailedData,
    "work.first_sale": WorkFirstSaleData,
    "batch.finished": BatchFinishedData,
    PING: PingData,
}


def described() -> tuple[dict[str, Any], dict[str, Any]]:
    """OpenAPI's `webhooks`, and the schemas that they refer to."""
    bodies = {kind: _body(kind, data) for kind, data in DATA.items()}
    refer, made = models_json_schema([(body, "serialization") for body in bodies.values()], ref_template=REFERENCE)
    words = {**KINDS, PING: "a webhook is tested"}
    found = {kind: {"post": _operation(words[kind], refer[body, "serialization"])} for kind, body in bodies.items()}
    return found, made["$defs"]


def _body(kind: str, data: type[Out]) -> type[BaseModel]:
    """What is sent: the event's kind and time around what it says."""
    name = "".join(map(str.title, re.split(r"[._]", kind))) + "Event"
    fields: dict[str, Any] = {"type": (Literal[kind], ...), "timestamp": (datetime, ...), "data": (data, ...)}
    return create_model(name, __base__=Out, __doc__=data.__doc__, **fields)


def _operation(words: str, body: Any) -> dict[str, Any]:
    return {
        "tags": ["events"],
        "description": f"Told when {words}. Answer with 2xx within 15 seconds; docs/webhooks.md says what else holds.",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in HEADERS
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "2XX": {"description": "It was taken."},
            "410": {"description": "Nothing more is to be sent there."},
        },
    }
