"""The tables are those that the code expects, however old the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable

from tests.store.logs import running
from voice_triage.store import schema, tables
from voice_triage.store.sql_calls import SqlCallStore
from voice_triage.store.sqlite_file import SqliteFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be made."""
    return tmp_path / "calls.sqlite3"


@pytest.fixture
def migrating(path: Path) -> Iterator[Engine]:
    """An engine on an empty database."""
    file = SqliteFile(path, busy_timeout_s=5.0)
    engine = file.migrator()
    yield engine
    engine.dispose()
    file.close()


def plainly(call: str, sequence: int, payload: str) -> bytes:
    """Seals nothing."""
    return f"{call} {sequence} {payload}".encode()


def test_an_empty_database_becomes_what_the_code_expects(migrating: Engine) -> None:
    """After the upgrade Alembic finds no difference between the tables and their description in the code."""
    with migrating.begin() as connection:
        schema.upgrade(connection, "test", plainly)
    with migrating.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == tables.HEAD
        made = sorted(sqlalchemy.inspect(connection).get_table_names())
        assert made == ["alembic_version", "calls", "events", "queue", "queue_categories", "trail_head"]


def test_each_step_alone_leads_to_the_head(migrating: Engine) -> None:
    """A database of any older version comes to the head, one revision after the other."""
    scripts = ScriptDirectory.from_config(schema.migrations_config())
    for script in reversed(list(scripts.walk_revisions())):
        config = schema.migrations_config()
        with migrating.begin() as connection:
            config.attributes.update(connection=connection, seal=plainly)
            command.upgrade(config, script.revision)
        with migrating.begin() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == script.revision
    with migrating.begin() as connection:
        schema.upgrade(connection, "test", plainly)
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def test_there_is_one_line_of_revisions_and_the_code_knows_its_head() -> None:
    """Two people's migrations cannot both be the newest, and the quick look at the start cannot be out of date."""
    scripts = ScriptDirectory.from_config(schema.migrations_config())
    assert scripts.get_heads() == [tables.HEAD]
    assert len(scripts.get_bases()) == 1


def test_upgrading_again_changes_nothing(path: Path) -> None:
    """Every start after the first finds the tables in place, and the calls in them."""
    with SqlCallStore(path) as store:
        store.append(running("c", 3))
    with SqlCallStore(path) as store:
        assert store.events("c") == running("c", 3)


def test_an_upgrade_that_fails_leaves_nothing_behind(migrating: Engine) -> None:
    """The tables are built altogether or not at all: half of them would stop the next start."""

    def upgrade_and_fail() -> None:
        with migrating.begin() as connection:
            schema.upgrade(connection, "test", plainly)
            connection.execute(sqlalchemy.text("SELECT * FROM nothing"))

    with pytest.raises(OperationalError, match="nothing"):
        upgrade_and_fail()
    with migrating.begin() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == []


def test_rebuilding_a_table_loses_no_events(path: Path) -> None:
    """A later migration that changes the list of calls, which SQLite rebuilds for it, keeps the calls' logs."""
    log = running("c", 5)
    with SqlCallStore(path) as store:
        store.append(log)
    file = SqliteFile(path, busy_timeout_s=5.0)
    with file.migrator().begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("calls", recreate="always") as batch:
            batch.alter_column("source", nullable=True)
    file.close()
    with SqlCallStore(path) as store:
        assert store.events("c") == log
        assert len(store.calls()) == 1


def test_the_tables_can_be_built_in_another_database() -> None:
    """Desks may later share a store: nothing in the tables is SQLite's alone."""
    postgresql = sqlalchemy.make_url("postgresql://").get_dialect()()
    made = [
        " ".join(str(CreateTable(table).compile(dialect=postgresql)).split()) for table in tables.metadata.sorted_tables
    ]
    names = [sql.split("(")[0].strip().removeprefix("CREATE TABLE ") for sql in made]
    assert sorted(names) == ["calls", "events", "queue", "queue_categories", "trail_head"]
