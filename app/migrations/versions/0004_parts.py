"""Parts: masks, regions, reworks of finished works; a style's recommended settings, and samples to choose them by."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    for step in sorted(SQL.glob("0004_*.sql")):
        run(step.read_text())
