"""The audit trail's head is kept in the database as well, and a call's line tells what retention has deleted of it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; calls kept before have nothing deleted of them."""
    op.create_table(
        "trail_head",
        sa.Column("place", sa.Integer, autoincrement=False, nullable=False, comment="1: there is one head"),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="trail_lines.Head, sealed"),
        sa.PrimaryKeyConstraint("place", name="pk_trail_head"),
    )
    op.add_column("calls", sa.Column("removed", sa.JSON, comment="kinds that were deleted of it; null for none"))
