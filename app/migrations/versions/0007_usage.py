"""Usage reports in bulk: lines that are taken once, held ones, faulty ones, sums by work, and matches."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    for step in sorted(SQL.glob("0007_*.sql")):
        run(step.read_text())
