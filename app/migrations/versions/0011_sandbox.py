"""API keys may be for the sandbox, and have a clock there."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    run((SQL / "0011_sandbox.sql").read_text())
