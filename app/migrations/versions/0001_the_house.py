"""The house's first tables, the rules the database keeps by itself, and the job queue."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")  # a migration waits for nobody longer than this
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    run((SQL / "0001_tables.sql").read_text())
    for rules in sorted(SQL.glob("0001_*.sql")):
        if rules.name != "0001_tables.sql":
            run(rules.read_text())
    run(SchemaManager.get_schema())
