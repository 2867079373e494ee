"""Usage reports may fail, and say why."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    run((SQL / "0012_usage_failed.sql").read_text())
