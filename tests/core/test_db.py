"""The way into the database: what is committed together, and what a lost server looks like."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import db


def rows(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM scratch")) or 0)


def insert_and_break(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        session.execute(text("INSERT INTO scratch VALUES (1)"))
        raise ZeroDivisionError


def test_a_unit_commits_everything_or_nothing(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        session.execute(text("CREATE TABLE scratch (n int)"))
    with pytest.raises(ZeroDivisionError):
        insert_and_break(sessions)
    with db.unit(sessions) as session:
        assert rows(session) == 0
        session.execute(text("INSERT INTO scratch VALUES (1)"))
    with db.unit(sessions) as session:
        assert rows(session) == 1


def test_a_killed_connection_counts_as_lost_and_a_wrong_statement_does_not(sessions: db.Sessions) -> None:
    with sessions() as session:
        with pytest.raises(DBAPIError) as wrong:
            session.execute(text("SELECT 1 / 0"))
        assert not db.lost(wrong.value)
    with sessions() as session, pytest.raises(DBAPIError) as killed:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert db.lost(killed.value)
