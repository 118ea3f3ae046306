"""The first tables: calls and their events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build both tables."""
    op.create_table(
        "calls",
        sa.Column("call", sa.String(200), nullable=False),
        sa.Column("started_at", sa.String(64), nullable=False, comment="ISO 8601 with offset, as CallStarted has it"),
        sa.Column("started_us", sa.BigInteger, nullable=False, comment="the same, microseconds since 1970 in UTC"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("flags", sa.JSON, nullable=False, comment="[category, urgency] of the flags that stand raised"),
        sa.Column("duration_s", sa.Float, comment="null until CallEnded"),
        sa.Column("ended", sa.Text, comment="the reason of CallEnded; null until then"),
        sa.PrimaryKeyConstraint("call", name="pk_calls"),
    )
    op.create_index("ix_calls_started_us", "calls", ["started_us"])
    op.create_table(
        "events",
        sa.Column("call", sa.String(200), nullable=False),
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False, comment="events.to_json as JSON text"),
        sa.ForeignKeyConstraint(["call"], ["calls.call"], name="fk_events_call", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call", "sequence", name="pk_events"),
    )
