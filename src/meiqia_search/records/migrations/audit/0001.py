"""The first tables."""

from alembic import op

from meiqia_search.records.schema import AUDIT

revision = "0001"
down_revision = None


def upgrade() -> None:
    AUDIT.create_all(op.get_bind())
