"""Pure: a verdict as the document that is signed: what a platform keeps as evidence, checked without our code.

Canonical JSON (see `core.canonical`), so confidences are whole millionths; names of people are left out, since a
signature outlasts an erasure. It counts for 24 hours: consent may end at any time.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from typing import Any, Final

from core import canonical
from licensing.presented import LIFETIME
from licensing.verdicts import Verdict

VERSION: Final = 1
_MILLION = 1_000_000


def payload(
    verdict: Verdict,
    *,
    subject: dict[str, str],
    issuer: str,
    at: dt.datetime,
    nonce: str | None = None,
    sandbox: bool = False,
) -> bytes:
    """What is signed. `subject`: what was asked about, by its kind; `issuer`: this house's address.

    `jti` is derived from all the rest: the same verdict has the same.
    """
    issued = int(at.timestamp())
    said: dict[str, Any] = {
        "v": VERSION,
        "iss": issuer,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
        "subject": subject,
        "asked": _asked(verdict),
        "identification": verdict.identification,
        "standing": verdict.standing,
        "permission": verdict.permission,
        "confidence_ppm": _ppm(verdict.confidence),
        "reasons": [
            {"code": x.code, "clause": x.clause, "license": x.license, "text": x.text} for x in verdict.reasons
        ],
        "work": verdict.work,
        "others": list(verdict.others),
        "changed": verdict.changed,
        "payable": verdict.payable,
        "income": verdict.income.document() if verdict.income is not None else None,
        "terms": [{"license": license, "sha256": sha256} for license, sha256 in verdict.terms],
        "layers": [{"layer": x.layer, "work": x.work, "confidence_ppm": _ppm(x.confidence)} for x in verdict.evidence],
    }
    if nonce is not None:
        said["nonce"] = nonce
    if sandbox:
        said["sandbox"] = True
    digest = hashlib.sha256(canonical.dumps(said)).digest()[:20]
    return canonical.again({**said, "jti": base64.b32encode(digest).decode().lower()})


def _asked(verdict: Verdict) -> dict[str, str] | None:
    """The use that was asked about; None where only the standing was."""
    asked = verdict.question
    if asked is None:
        return None
    return {"use": asked.use, "medium": asked.medium, "territory": asked.territory, "date": asked.date.isoformat()}


def _ppm(confidence: float) -> int:
    return round(confidence * _MILLION)
