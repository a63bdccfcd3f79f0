"""The first tables."""

from alembic import op

from meiqia_search.records.schema import RECORD

revision = "0001"
down_revision = None


def upgrade() -> None:
    RECORD.create_all(op.get_bind())
