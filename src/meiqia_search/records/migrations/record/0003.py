"""What an engine refuses is kept with the reason; what may be in several places of the index is marked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("anew", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "unindexed",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
