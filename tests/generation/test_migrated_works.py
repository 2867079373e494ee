"""Works of the first release keep all they have: they are orders, and rest on the offer of their license."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app import migrations
from core import db
from generation.models import Work
from tests.conftest import url

ROWS = """
SET session_replication_role = replica;
INSERT INTO offers VALUES ('off_1', 'sty_1', 1, '{}', 'hash', 'hash', now(), NULL);
INSERT INTO licenses
    VALUES ('lic_1', 'off_1', 'sty_1', 'cre_1', 'per_1', '{}', 'hash', 0, 'active', now(), now(), NULL, NULL, 1);
INSERT INTO works VALUES ('wrk_1', 'per_1', 'toy', '{}', 1, NULL, NULL, 5, 'USD/6', 0, 0, 'key', 'hash', 'done', 'done',
    0, 0, 0, 1, 0, NULL, 'host:1', false, NULL, 'blob', 'map', '{"shares": {}}', now(), now());
INSERT INTO work_licenses (work, position, license, style, weight, epoch, style_epoch)
    VALUES ('wrk_1', 0, 'lic_1', 'sty_1', 1, 0, 0);
"""  # fmt: skip


@pytest.fixture
def first_release(server: str) -> Iterator[str]:
    """The URL of a database as the first release left it, with one finished work."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        engine = db.connect(url(server, name))
        config = Config()
        config.set_main_option("script_location", str(migrations.FOLDER))
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            connection.commit()
            for statement in filter(str.strip, ROWS.split(";\n")):
                connection.execute(text(statement))
            connection.commit()
        engine.dispose()
        yield url(server, name)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_works_of_the_first_release_are_orders_with_their_offer(first_release: str) -> None:
    engine = db.connect(first_release)
    migrations.upgrade(engine)
    with db.sessions(engine)() as session:
        work = session.get_one(Work, "wrk_1")
        assert (work.kind, work.beat, work.renditions, work.took_ms, work.shared_at) == ("work", 0, {}, None, None)
        assert (work.medium, work.duration_ms, work.backing_blob, work.tags) == ("picture", None, None, None)
        assert [grant.sections for grant in work.grants] == [None]
        assert [(grant.license, grant.offer) for grant in work.grants] == [("lic_1", "off_1")]
    engine.dispose()
