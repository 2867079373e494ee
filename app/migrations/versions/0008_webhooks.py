"""What happens is written down as events, and told to people's own servers."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run = op.get_bind().connection.driver_connection.execute  # type: ignore[union-attr]  # psycopg's: % is a plain sign
    run((SQL / "0008_webhooks.sql").read_text())
