"""The database's schema, step by step (Alembic). `HEAD` lets a start check the schema without loading Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ProgrammingError

HEAD = "0012"
FOLDER = Path(__file__).parent


def current(engine: Engine) -> str | None:
    """The schema's version, or None for an empty database."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:
        return None


def upgrade(engine: Engine) -> None:
    """Bring the schema to `HEAD`; several processes may try at once, one does it."""
    if current(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(4200)"))
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(4200)"))
            connection.commit()
