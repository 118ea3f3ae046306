"""Alembic runs this for every migration command; the caller hands in the open connection."""

from alembic import context

from voice_triage.store.tables import metadata

# The caller's transaction spans the whole upgrade: it happens altogether or not at all, and a second process that
# opens the same new file waits for it and then finds nothing left to do.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
