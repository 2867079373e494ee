"""Questions on the wire: about exactly one file, hash, code, number or address, and the use in mind."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import File, Form, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError

from attribution.named import PATTERNS, Kind, Name
from core import ids
from core.errors import Invalid
from core.web import Day, In
from creators.consent import MEDIA
from licensing import policy
from licensing.terms import USES
from licensing.territories import WORLD

By = Literal["file", "work", "sha256", "iscc", "mark", "url", "upload"]
_NUMBER = re.compile(ids.pattern("wrk"))
_PAGE = re.compile(r"/works/(wrk_[0-9a-z]{26})/?")
JSON = "application/json"

Work = Annotated[str | None, Field(max_length=500, description="the number of a work here, or the address of its page")]
Sha256 = Annotated[
    str | None,
    Field(
        pattern="^[0-9a-fA-F]{64}$",
        description="the SHA-256 of the file as it was sealed, or of a picture's samples",
    ),
]
Iscc = Annotated[
    str | None,
    Field(max_length=80, description="an ISCC content code: what it may be, since look-alikes share it"),
]
Mark = Annotated[
    str | None,
    Field(pattern="^[0-9a-fA-F]{16}$", description="the number of a mark, 16 hexadecimal digits as manifests quote it"),
]
Url = Annotated[
    str | None,
    Field(max_length=2000, description="the address of a file that this house is to fetch: https, public, 64 MiB"),
]
Use = Annotated[
    str | None,
    Field(
        max_length=40,
        description="the use in mind; without it only the standing is answered",
        json_schema_extra={"enum": [*USES, None]},
    ),
]
Medium = Annotated[
    str | None,
    Field(
        max_length=40, description="in which medium; else the work's own", json_schema_extra={"enum": [*MEDIA, None]}
    ),
]
Place = Annotated[
    str | None, Field(max_length=5, description="an ISO 3166 country code such as DE; else the whole world")
]
Date = Annotated[Day | None, Field(description="the day of use; else today (UTC)")]
Closer = Annotated[
    bool | None, Field(description="look closer at a picture, for works that are small parts of it, at twice the price")
]
Nonce = Annotated[
    str | None,
    Field(
        max_length=64, pattern=r"^[\x21-\x7e]+$", description="said again in the signed verdict, to know it is fresh"
    ),
]


class UnclearQuestion(Invalid):
    """It is not clear which file or work is asked about."""


class QuestionIn(In):
    """A question without a file: about exactly one of work, sha256, iscc, mark and url."""

    work: Work = None
    sha256: Sha256 = None
    iscc: Iscc = None
    mark: Mark = None
    url: Url = None
    use: Use = None
    medium: Medium = None
    territory: Place = None
    date: Date = None
    closer: Closer = None
    nonce: Nonce = None


@dataclass(frozen=True)
class Asked:
    """A question, read. `file` where one was sent; else `name`, `url` or `upload` says what is asked about."""

    by: By
    file: UploadFile | None
    name: Name | None
    url: str | None
    upload: str | None
    use: str | None
    medium: str | None
    territory: str | None
    date: dt.date | None
    closer: bool
    nonce: str | None

    @property
    def about(self) -> dict[str, Any]:
        """The use in mind, as `verdicts.compose` takes it."""
        return {"use": self.use, "medium": self.medium, "territory": self.territory, "date": self.date}


async def asked(  # noqa: PLR0913  # the fields of one form
    request: Request,
    file: Annotated[UploadFile | None, File(description="the file itself, up to 64 MiB")] = None,
    work: Annotated[Work, Form()] = None,
    sha256: Annotated[Sha256, Form()] = None,
    iscc: Annotated[Iscc, Form()] = None,
    mark: Annotated[Mark, Form()] = None,
    url: Annotated[Url, Form()] = None,
    use: Annotated[Use, Form()] = None,
    medium: Annotated[Medium, Form()] = None,
    territory: Annotated[Place, Form()] = None,
    date: Annotated[Date, Form()] = None,
    closer: Annotated[Closer, Form()] = None,
    nonce: Annotated[Nonce, Form()] = None,
) -> Asked:
    """The question, from a form or from JSON. Raises UnclearQuestion, BadQuestion, RequestValidationError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON:
        return read(_of_json(await request.body()))
    said = QuestionIn.model_construct(
        work=work,
        sha256=sha256,
        iscc=iscc,
        mark=mark,
        url=url,
        use=use,
        medium=medium,
        territory=territory,
        date=date,
        closer=closer,
        nonce=nonce,
    )
    shown = file if file is not None and (file.filename or file.size) else None  # a form's empty file field is none
    return read(said, file=shown)


def read(question: QuestionIn, *, file: UploadFile | None = None, upload: str | None = None) -> Asked:
    """The question as one value. Raises UnclearQuestion, BadQuestion."""
    things: dict[By, Any] = {"file": file, "upload": upload, "url": question.url}
    names: dict[Kind, str | None] = {
        "work": question.work,
        "sha256": question.sha256,
        "iscc": question.iscc,
        "mark": question.mark,
    }
    given = [kind for kind, value in (*things.items(), *names.items()) if value is not None]
    if len(given) != 1:
        raise UnclearQuestion(
            f"a question is about exactly one of file, {', '.join(names)} or url; this one has {len(given)} of them"
        )
    place = question.territory
    place = place if place in (None, WORLD) else place.upper()
    policy.check(use=question.use, medium=question.medium or next(iter(MEDIA)), territory=place or WORLD)
    named = next(((kind, value) for kind, value in names.items() if value is not None), None)
    return Asked(
        by=given[0],
        file=file,
        name=_name(*named) if named else None,
        url=question.url,
        upload=upload,
        use=question.use,
        medium=question.medium,
        territory=place,
        date=question.date,
        closer=bool(question.closer),
        nonce=question.nonce,
    )


def number(said: str) -> str:
    """The number of a work, told by itself or by the address of its page. Raises UnclearQuestion."""
    said = said.strip()
    if _NUMBER.fullmatch(said):
        return said
    try:
        found = _PAGE.fullmatch(urlsplit(said).path)
    except ValueError:  # brackets that hold no address
        found = None
    if found and _NUMBER.fullmatch(found[1]):
        return found[1]
    raise UnclearQuestion(
        f"{said[:80]!r} is no work here; send its number (wrk_…), the address of its page (…/works/wrk_…), or the file"
    )


def _name(kind: Kind, said: str) -> Name:
    """In the one spelling that is recorded."""
    if kind == "work":
        return Name(kind, number(said))
    value = said.strip().upper() if kind == "iscc" else said.lower()
    value = f"ISCC:{value}" if kind == "iscc" and not value.startswith("ISCC:") else value
    if not PATTERNS[kind].fullmatch(value):
        raise UnclearQuestion(f"{said[:80]!r} is no ISCC; send one like ISCC:EEA…, or the file")
    return Name(kind, value)


def _of_json(body: bytes) -> QuestionIn:
    try:
        return QuestionIn.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(
            [{**x, "loc": ("body", *x["loc"])} for x in error.errors(include_url=False)]
        ) from error
