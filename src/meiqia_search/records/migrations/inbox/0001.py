"""The first tables."""

from alembic import op

from meiqia_search.records.schema import INBOX

revision = "0001"
down_revision = None


def upgrade() -> None:
    INBOX.create_all(op.get_bind())
