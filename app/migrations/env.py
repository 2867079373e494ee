"""Alembic's entry: always on a connection that `app.migrations` hands over, with every floor's tables loaded."""

from __future__ import annotations

from typing import Any

from alembic import context

import app.identity.models
import app.webhooks.models
import attribution.models
import attribution.segments.models
import core.events
import core.uploads
import creators.models
import generation.models
import licensing.models
import payments.models
import payments.usage.models  # loaded so that Base.metadata knows every table
from core.db import Base


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave the job queue's own tables alone."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=ours,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.get_context()._ensure_version_table()
    context.run_migrations()
