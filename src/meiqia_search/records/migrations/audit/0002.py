"""The hash chain. Rows from before it are linked in as they are found."""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COLUMNS = (
    "seq", "at", "action", "person", "role", "policy", "surface", "address", "trace", "session", "sentence", "ids",
    "digest", "count", "outcome",
)  # fmt: skip
CHUNK = 1_000


def upgrade() -> None:
    op.add_column("audit", sa.Column("session", sa.Text, nullable=False, server_default=""))
    op.add_column("audit", sa.Column("digest", sa.Text, nullable=False, server_default=""))
    op.add_column("audit", sa.Column("hash", sa.LargeBinary, nullable=False, server_default=sa.text("''")))
    audit = sa.table("audit", *map(sa.column, COLUMNS), sa.column("hash", sa.LargeBinary))
    connection, previous, last = op.get_bind(), bytes(32), -1
    columns = [audit.c[name] for name in COLUMNS]
    link = audit.update().where(audit.c.seq == sa.bindparam("of")).values(hash=sa.bindparam("link"))
    while rows := connection.execute(sa.select(*columns).where(audit.c.seq > last).order_by("seq").limit(CHUNK)).all():
        links = []
        for row in rows:
            text = json.dumps(list(row), ensure_ascii=False, separators=(",", ":"))
            previous = sha256(previous + text.encode()).digest()
            links.append({"of": row.seq, "link": previous})
        connection.execute(link, links)
        last = rows[-1].seq
