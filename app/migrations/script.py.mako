"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")  # a migration waits for nobody longer than this
    ${upgrades if upgrades else "pass"}
