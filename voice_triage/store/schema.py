"""Brings a database to the schema of this code, with Alembic, from the code alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy
from sqlalchemy import Connection

from voice_triage.errors import StoreError
from voice_triage.store.tables import HEAD

if TYPE_CHECKING:
    from alembic.config import Config


def migrations_config() -> Config:
    """Alembic's configuration, as if read from a file; put an open ``connection`` into its ``attributes``."""
    from alembic.config import Config  # here, because importing Alembic costs 0.3 s and is seldom needed

    config = Config()
    folder = Path(__file__).resolve().parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


Seal = Callable[[str, int, str], bytes]
"""Encrypts an event's JSON text for its row: call, sequence, text."""


def upgrade(connection: Connection, name: str, seal: Seal) -> str | None:
    """Build or upgrade the tables, within the connection's transaction; returns the revision found, None for none.

    ``name`` says in messages which database it is. Raises StoreError if a newer version of this product, or another
    program, wrote it.
    """
    found = _revision(connection, name)
    if found == HEAD:
        return found
    from alembic import command
    from alembic.script import ScriptDirectory

    config = migrations_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"The calls in {name} were kept by a newer version of voice-triage. Install that version, or set "
            "VOICE_TRIAGE_DATA_DIR to another folder to begin anew; the calls stay where they are."
        )
    config.attributes["connection"] = connection
    config.attributes["seal"] = seal
    command.upgrade(config, "head")
    return found


def _revision(connection: Connection, name: str) -> str | None:
    """The revision a database is at; None for an empty one."""
    tables = set(sqlalchemy.inspect(connection).get_table_names())
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StoreError(
            f"{name} is the database of another program, and calls cannot be kept in it. Move it elsewhere, or set "
            "VOICE_TRIAGE_DATA_DIR to another folder."
        )
    found = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)
