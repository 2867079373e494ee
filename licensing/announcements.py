"""What is told: a revocation to a license's parties, withdrawn works to whoever listens, a batch's end to its asker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.events import MOST_WORKS, News
from creators.models import Creator
from licensing.models import Batch, License


def revoked(session: Session, *, licenses: Sequence[License], works: Sequence[str], reason: str, at: datetime) -> None:
    """Tell of licenses that were revoked and works that were withdrawn, in the transaction in which they were."""
    licensors = {row.licensor for row in licenses}
    people = dict(session.execute(select(Creator.id, Creator.person).where(Creator.id.in_(licensors))).all())
    news = [
        News(
            "license.revoked",
            {
                "license": row.id,
                "offer": row.offer,
                "style": row.style,
                "licensor": row.licensor,
                "licensee": row.licensee,
                "reason": reason,
            },
            people=(row.licensee, people[row.licensor]),
        )
        for row in licenses
    ]
    news += [
        News("work.withdrawn", {"works": works[begin : begin + MOST_WORKS], "reason": reason}, everyone=True)
        for begin in range(0, len(works), MOST_WORKS)
    ]
    events.tell_all(session, news, at=at)


def finished(session: Session, *, batch: Batch, at: datetime) -> None:
    """Tell whoever sent a batch that it is done, or failed."""
    answers = f"/v1/verifications/batches/{batch.id}/answers" if batch.state == "done" else None
    data = {"batch": batch.id, "state": batch.state, "answered": batch.answered, "answers": answers}
    events.tell(session, "batch.finished", data={**data, "reason": batch.reason}, people=(batch.asker,), at=at)
