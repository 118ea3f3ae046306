"""The store's tables, in SQL that any database understands; ``migrations/`` builds them step by step."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

HEAD = "0004"
"""The newest revision in ``migrations/versions``: what this code reads and writes."""

metadata = MetaData(
    # Constraints need names that do not depend on the database, or no later migration could change them.
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

calls = Table(
    "calls",
    metadata,
    Column("call", String(200), primary_key=True),
    Column("started_at", String(64), nullable=False, comment="ISO 8601 with offset, as CallStarted has it"),
    Column("started_us", BigInteger, nullable=False, index=True, comment="the same, microseconds since 1970 in UTC"),
    Column("source", Text, nullable=False),
    Column("flags", JSON, nullable=False, comment="[category, urgency] of the flags that stand raised"),
    Column("duration_s", Float, comment="null until CallEnded"),
    Column("ended", Text, comment="the reason of CallEnded; null until then"),
    Column("transcript", LargeBinary, comment="the client's words, sealed; for search"),
    Column("removed", JSON, comment="kinds that were deleted of it; null for none"),
)
"""One row per call: what ``calls list`` shows, derived from the call's events as they come in."""

events = Table(
    "events",
    metadata,
    Column("call", String(200), ForeignKey(calls.c.call, ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at_s", Float, nullable=False),
    Column("type", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False, comment="events.to_json as JSON text, sealed"),
)
"""The logs: one row per event, in its place."""

trail_head = Table(
    "trail_head",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False, comment="1: there is one head"),
    Column("sealed", LargeBinary, nullable=False, comment="trail_lines.Head, sealed"),
)
"""Where the audit trail ends: kept here as well, so that lines cut off its files are missed."""

queue = Table(
    "queue",
    metadata,
    Column("call", String(200), ForeignKey(calls.c.call, ondelete="CASCADE"), primary_key=True),
    Column("upto", Integer, nullable=False, comment="sequence of the newest event that the line tells of"),
    Column("csr", String(200), nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("dismissed", Boolean, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    Column("disposition", String(40), comment="null if no flag stood"),
    Column("quality", String(20), nullable=False),
    Column("reviewed", Boolean, nullable=False),
    Column("teaching", Boolean, nullable=False),
    Column("line", LargeBinary, nullable=False, comment="all the queue shows of the call, sealed"),
)
"""One row per ended call: what a supervisor finds it by, derived from its log."""

queue_categories = Table(
    "queue_categories",
    metadata,
    Column("call", String(200), ForeignKey(queue.c.call, ondelete="CASCADE"), primary_key=True),
    Column("category", String(40), primary_key=True),
)
"""The flags of those calls."""
