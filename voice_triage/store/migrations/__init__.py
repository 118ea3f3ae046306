"""The Alembic environment of the store; run by ``schema.upgrade``, it needs no ``alembic.ini``.

A new revision, after a change of ``tables.py``: put a ``SqliteFile.migrator()`` connection to an up-to-date store into
the ``attributes`` of ``schema.migrations_config()``, call ``alembic.command.revision`` with that configuration, a
message, ``autogenerate=True`` and the next ``rev_id``; read what it wrote, and set ``tables.HEAD``. Revisions only go
forward.
"""
