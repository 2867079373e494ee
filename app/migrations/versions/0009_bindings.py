"""Manifests are kept, so that files that lost theirs can be given it back."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    run((SQL / "0009_bindings.sql").read_text())
