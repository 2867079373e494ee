"""Pure: whether a use would be allowed, of samples and the licenses they rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core.errors import NotFound
from licensing import verdicts
from licensing.evaluation import Evaluated, Intent, allows, told
from licensing.sandbox import samples


def evaluated(licenses: Sequence[str], work: str | None, intent: Intent, *, at: dt.datetime) -> Evaluated:
    """As `licensing.evaluation` does of real ones: of a sample's work, else under samples' licenses.

    Raises NotFound, BadQuestion.
    """
    grounds = samples.grounds(at)
    about = {"use": intent.use, "medium": intent.medium, "territory": intent.territory, "date": intent.date}
    if work is not None:
        verdict = verdicts.compose(samples.by_name("work", work, at=at), grounds, **about, at=at)  # type: ignore[arg-type]
        return Evaluated(verdict.permission or "deny", verdict.reasons, verdict.terms)
    missing = [id for id in licenses if id not in grounds.licenses]
    if missing:
        raise NotFound(f"the sandbox has no license {missing[0]}; GET /v1/sandbox/samples lists those it has")
    found = [grounds.licenses[id] for id in licenses]
    decisions = [x for one in found for x in (one.stands, allows(one.terms, intent, one.license, used=0, at=at))]
    return told(decisions, [(one.license, one.terms_hash) for one in found])
