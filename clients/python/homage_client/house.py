"""The house: questions as methods, everything else by the generated operations over the same connection."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import httpx

from homage_client import verdicts
from homage_client.generated.client import AuthenticatedClient
from homage_client.generated.models import VerdictOut
from homage_client.refused import Refused, check, refused_by
from homage_client.retrying import Retries, Retrying
from homage_client.verdicts import KeyUnknown

NDJSON = "application/x-ndjson"


@dataclass(frozen=True)
class Answer:
    """The answer to a line of a batch: a verdict, or why there is none. `line` counts from 1 in what was asked."""

    id: str | None
    line: int
    verdict: VerdictOut | None
    refused: Refused | None


class Homage:
    """A house at an address such as `https://house.example`. `key`: an API key; without one only what everybody may ask
    is answered. `api`: what the operations in `homage_client.generated.api` take as their client. Refusals are raised.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        retries: Retries | None = None,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=timeout,
            transport=Retrying(transport or httpx.HTTPTransport(), retries or Retries()),
            event_hooks={"response": [check]},
        )
        self.api = AuthenticatedClient(base_url=self.url, token=key or "").set_httpx_client(self.http)
        self.sandbox = (key or "").startswith("hmg_test_")
        self._keys: dict[str, Any] | None = None

    def verify(
        self,
        *,
        file: str | Path | BinaryIO | None = None,
        use: str | None = None,
        medium: str | None = None,
        territory: str | None = None,
        date: dt.date | str | None = None,
        **about: str | bool | None,
    ) -> VerdictOut:
        """What a file is and whether the use is allowed; `about`: instead of a file one of `work`, `sha256`, `iscc`,
        `mark` and `url`, and further members of the question. Raises Refused."""
        asked = {**about, "use": use, "medium": medium, "territory": territory, "date": date}
        form = {name: _text(value) for name, value in asked.items() if value is not None}
        with Path(file).open("rb") if isinstance(file, str | Path) else nullcontext(file) as opened:
            # A form of several parts even without a file: every value is then sent as it is.
            parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in form.items()]
            if opened is not None:
                parts.append(("file", (Path(getattr(opened, "name", "file")).name, opened)))
            response = self.http.post("/v1/verifications", files=parts)
        return VerdictOut.from_dict(response.json())

    def verify_batch(self, lines: Iterable[Mapping[str, Any]], *, at_once: int = 500) -> Iterator[Answer]:
        """The same for many, each line with an `id`, in their order; sent and read so many at a time, so that memory
        stays small however many there are. Raises Refused; what is wrong with a line is its answer."""
        rest, before = iter(lines), 0
        while some := list(itertools.islice(rest, at_once)):
            body = "".join(f"{json.dumps(dict(line), default=_text)}\n" for line in some).encode()
            headers = {"Content-Type": NDJSON}
            with self.http.stream("POST", "/v1/verifications/batch", content=body, headers=headers) as response:
                for line in response.iter_lines():
                    yield _answer(json.loads(line), before)
            before += len(some)

    def check(self, jws: str, *, at: float | None = None) -> dict[str, Any]:
        """What a signed verdict says, if this house signed it and it still counts (`at` a time, else now).

        Those of the sandbox count with a sandbox key only. Raises NotSigned.
        """
        at = verdicts.now() if at is None else at
        try:
            return verdicts.checked(jws, self.keys(), at=at, sandbox=self.sandbox)
        except KeyUnknown:
            self._keys = None  # the keys were rotated since
            return verdicts.checked(jws, self.keys(), at=at, sandbox=self.sandbox)

    def keys(self) -> dict[str, Any]:
        """The house's public keys (a JWK set), to be kept with what they signed."""
        if self._keys is None:
            self._keys = dict(self.http.get("/.well-known/jwks.json", headers={"Cache-Control": "no-cache"}).json())
        return self._keys

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Homage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _answer(line: dict[str, Any], before: int) -> Answer:
    number = before + int(line["line"])
    if line["problem"] is not None:
        return Answer(line["id"], number, None, refused_by(line["problem"]))
    return Answer(line["id"], number, VerdictOut.from_dict(line["verdict"]), None)
