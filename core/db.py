"""One database, one way in: `unit()` is the only place that commits or rolls back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import ColumnElement, MetaData, any_, create_engine, event, literal, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of every floor; the naming convention lets migrations name what they drop."""

    metadata = MetaData(naming_convention=NAMES)


Sessions = sessionmaker[Session]
T = TypeVar("T")


def connect(url: str, *, pool_size: int = 5) -> Engine:
    """An engine whose idle transactions the server ends after 30 s: no long work inside a transaction."""
    engine = create_engine(url, pool_size=pool_size, pool_pre_ping=True, future=True)

    @event.listens_for(engine, "connect")
    def settle(connection, _record):  # type: ignore[no-untyped-def]  # DBAPI connections have no common type
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = '30s'")
            cursor.execute("SET lock_timeout = '10s'")
            cursor.execute("SET timezone = 'UTC'")
        connection.commit()

    return engine


def sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def unit(sessions: Sessions) -> Iterator[Session]:
    """A unit of work: everything in it is committed together, or nothing is."""
    with sessions() as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


def among(column: ColumnElement[T] | InstrumentedAttribute[T], values: Collection[T]) -> ColumnElement[bool]:
    """`column IN (values)` as one parameter, so that the statement is the same however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def notify(session: Session, channel: str, payload: str) -> None:
    """Tell listeners when, and only if, this transaction commits (Postgres NOTIFY; payload under 8,000 bytes)."""
    session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


def lost(error: BaseException) -> bool:
    """Whether `error` means that the server went away: nothing is known of the transaction, ask again later."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    gone = state is None or state.startswith(("08", "57P", "53300", "25P03"))
    return error.connection_invalidated or (isinstance(error, OperationalError) and gone)


def busy(error: BaseException) -> bool:
    """Whether the transaction met another one (deadlock, lock time-out) and may simply be tried again."""
    states = ("40001", "40P01", "55P03")
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in states


def answers(sessions: Sessions) -> bool:
    """Whether the database is there, and has a connection left."""
    try:
        with unit(sessions) as session:
            session.execute(text("SELECT 1"))
    except (DBAPIError, PoolTimeout) as error:
        if isinstance(error, PoolTimeout) or lost(error):
            return False
        raise
    return True


def settled(sessions: Sessions, doing: Callable[[Session], T], *, tries: int = 3) -> T:
    """Do it in a unit of work of its own, and again when it met another transaction."""
    for _ in range(tries - 1):
        try:
            with unit(sessions) as session:
                return doing(session)
        except DBAPIError as error:
            if not busy(error):
                raise
    with unit(sessions) as session:
        return doing(session)
