"""The schema that migrations build is the one the models describe."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app import migrations
from core import db


def test_models_and_migrations_agree(database: str) -> None:
    engine = db.connect(database)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_object": lambda _o, name, *_: not str(name).startswith("procrastinate_")},
            )
            assert compare_metadata(context, db.Base.metadata) == []
    finally:
        engine.dispose()


def test_head_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_upgrading_twice_changes_nothing(database: str) -> None:
    engine = db.connect(database)
    try:
        migrations.upgrade(engine)
        migrations.upgrade(engine)
        assert migrations.current(engine) == migrations.HEAD
    finally:
        engine.dispose()
