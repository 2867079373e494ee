"""What an account's end takes of the works made in it: pictures go, what others' money rests on stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from generation.models import Source, Work, WorkLicense


def open_ones(session: Session, *, person: str) -> list[str]:
    """In words, the works that are still being made."""
    count = session.scalar(select(func.count()).where(Work.person == person, Work.state.in_(("queued", "running"))))
    return [f"{count} works are being made, cancel them or wait"] if count else []


def of(session: Session, *, person: str) -> Sequence[str]:
    """Everything that was ever ordered by a person, by id."""
    return session.scalars(select(Work.id).where(Work.person == person).order_by(Work.id)).all()


def forget(session: Session, *, person: str) -> tuple[str, ...]:
    """Show a person's works to nobody, and name no picture of theirs any more; the files that are then nobody's.

    The maps stay: every creator's share rests on them.
    """
    rows = session.execute(
        select(Work.source_blob, Work.mask_blob, Work.backing_blob, Work.result_blob, Work.renditions).where(
            Work.person == person
        )
    ).all()
    blobs = {blob for *files, others in rows for blob in (*files, *others.values()) if blob}
    blobs |= set(session.scalars(select(Source.blob).where(Source.person == person)))
    mine = WorkLicense.work.in_(select(Work.id).where(Work.person == person))
    blobs |= set(filter(None, session.scalars(select(WorkLicense.region_blob).where(mine))))
    session.execute(update(WorkLicense).where(mine).values(region_blob=None))
    session.execute(
        update(Work)
        .where(Work.person == person)
        .values(
            source_blob=None,
            mask_blob=None,
            backing_blob=None,
            tags=None,
            result_blob=None,
            renditions={},
            shared_at=None,
        )
    )
    session.execute(delete(Source).where(Source.person == person))
    return tuple(sorted(blob for blob in blobs if not _named(session, blob)))


def _named(session: Session, blob: str) -> bool:
    """Whether another's work names the file: equal bytes have one address."""
    named = or_(Work.source_blob == blob, Work.result_blob == blob, Work.map_blob == blob)
    return session.scalar(select(Work.id).where(named).limit(1)) is not None
