"""Run by alembic: upgrades one part of the schema on the connection that ``records.database`` holds under a lock."""

from alembic import context

from meiqia_search.records.database import version_table

options = context.config.attributes
context.configure(
    connection=options["connection"],
    version_table=version_table(options["part"]),
    transactional_ddl=False,  # the transaction is the caller's
)
context.run_migrations()
