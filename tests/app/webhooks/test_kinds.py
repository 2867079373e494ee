"""What is told is what is described: every kind has its schema, and the docs' examples fit them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from app.webhooks import kinds
from core.events import KINDS, PING

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "webhooks.md").read_text()


def examples() -> list[dict]:  # type: ignore[type-arg]
    block = re.search(r"(?ms)^    \{.*?^$", DOCS)
    assert block is not None
    whole = re.sub(r"\n +", "", block[0]).strip()
    return [json.loads(line) for line in whole.replace("}{", "}\n{").splitlines()]


def test_every_kind_has_a_schema_and_an_example() -> None:
    assert set(kinds.DATA) == {*KINDS, PING}
    assert {example["type"] for example in examples()} == set(kinds.DATA)
    for example in examples():
        assert example.keys() == {"type", "timestamp", "data"}
        assert kinds.DATA[example["type"]].model_validate(example["data"]).model_dump() == example["data"]


def test_they_are_described() -> None:
    webhooks, schemas = kinds.described()
    body = webhooks["license.revoked"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/LicenseRevokedEvent"}
    assert schemas["LicenseRevokedEvent"]["properties"]["type"]["const"] == "license.revoked"
    assert set(schemas["LicenseRevokedData"]["required"]) == {
        "license",
        "offer",
        "style",
        "licensor",
        "licensee",
        "reason",
    }


def test_the_docs_way_to_know_us_works() -> None:
    from app.webhooks import signing
    from core.clock import SYSTEM

    source = re.search(r"```python\n(.*?)```", DOCS, re.S)
    assert source is not None
    known: dict = {}  # type: ignore[type-arg]
    exec(source[1], known)
    secret, body = signing.fresh(), b'{"type":"ping"}'
    assert known["receive"](body, signing.headers("evt_1", body, [secret], at=SYSTEM.now()), secret) == {"type": "ping"}
