"""A supervisor finds calls by flag, CSR, disposition, line quality and whether they were reviewed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; their rows follow from the calls' logs, which the store reads when it has them open."""
    op.create_table(
        "queue",
        sa.Column("call", sa.String(200), nullable=False),
        sa.Column("upto", sa.Integer, nullable=False, comment="sequence of the newest event that the line tells of"),
        sa.Column("csr", sa.String(200), nullable=False),
        sa.Column("flagged", sa.Boolean, nullable=False),
        sa.Column("dismissed", sa.Boolean, nullable=False),
        sa.Column("interrupted", sa.Boolean, nullable=False),
        sa.Column("disposition", sa.String(40), comment="null if no flag stood"),
        sa.Column("quality", sa.String(20), nullable=False),
        sa.Column("reviewed", sa.Boolean, nullable=False),
        sa.Column("teaching", sa.Boolean, nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False, comment="all the queue shows of the call, sealed"),
        sa.ForeignKeyConstraint(["call"], ["calls.call"], name="fk_queue_call", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call", name="pk_queue"),
    )
    op.create_table(
        "queue_categories",
        sa.Column("call", sa.String(200), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["call"], ["queue.call"], name="fk_queue_categories_call", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call", "category", name="pk_queue_categories"),
    )
