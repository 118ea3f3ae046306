"""What clients said is encrypted in the database too, and a call's words are kept as one text for the search."""

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Seal every event; the caller hands in how."""
    op.add_column("calls", sa.Column("transcript", sa.LargeBinary, comment="the client's words, sealed; for search"))
    old = sa.table("events", *(sa.column(name) for name in ("call", "sequence", "at_s", "type", "payload")))
    op.create_table(
        "sealed_events",
        sa.Column("call", sa.String(200), nullable=False),
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False, comment="events.to_json as JSON text, sealed"),
        sa.ForeignKeyConstraint(["call"], ["calls.call"], name="fk_events_call", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call", "sequence", name="pk_events"),
    )
    new = sa.table("sealed_events", *(sa.column(name) for name in ("call", "sequence", "at_s", "type", "payload")))
    connection = op.get_bind()
    for row in connection.execute(sa.select(old)).mappings().all():
        sealed = context.config.attributes["seal"](row["call"], row["sequence"], row["payload"])
        connection.execute(sa.insert(new).values(**{**row, "payload": sealed}))
    op.drop_table("events")
    op.rename_table("sealed_events", "events")
