"""Intake: landmarks by which cut and turned copies are found; areas of assets that nothing is taken from."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    for step in sorted(SQL.glob("0003_*.sql")):
        run(step.read_text())
