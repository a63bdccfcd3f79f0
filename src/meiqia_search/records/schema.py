"""The tables. Three databases on SQLite (record, inbox, audit), one on PostgreSQL."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a column that is called INTEGER."""

RECORD = MetaData()
INBOX = MetaData()
AUDIT = MetaData()

conversation = Table(
    "conversation",
    RECORD,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("version", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of the body: is it the same content again?
    Column("body", LargeBinary, nullable=False),  # zstd of conversation.encode
    Column("partition", Text, nullable=False),  # month of the start at first sight, never moved
    Column("changed_at", BigInteger, nullable=False, index=True),
)

superseded = Table(
    "superseded",  # what a newer version of a conversation replaced: nothing that came in is lost
    RECORD,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",  # changes that the index does not know yet
    RECORD,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("anew", Integer, nullable=False, server_default="0"),  # 1: it may be elsewhere in the index; take it out
)

unindexed = Table(
    "unindexed",  # what the index does not take, and why: it is in the record, and cannot be found
    RECORD,
    Column("id", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

directory = Table(
    "directory",  # what agents and groups are called
    RECORD,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Index("directory_by_name", "kind", "name"),
)

import_progress = Table(
    "import_progress",  # how far a file was taken in, so that a killed import goes on
    RECORD,
    Column("file", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("same", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("finished", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

state = Table(
    "state",  # single values: keys for signing, the worker's heartbeat
    RECORD,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

person = Table(
    "person",
    RECORD,
    Column("id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("agents", Text, nullable=False),  # JSON list of agent ids
    Column("groups", Text, nullable=False),  # JSON list of group ids
    Column("password", Text, nullable=False),  # argon2 hash; '' where one cannot sign in
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

policy = Table(
    "policy",  # the roles, in whole versions; the newest is in force
    RECORD,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("person", Text, nullable=False),  # who made it; '' for the roles an archive begins with
    Column("note", Text, nullable=False),  # what it changed, in words
    Column("body", Text, nullable=False),  # JSON of acl.rolefile
)

session = Table(
    "session",
    RECORD,
    Column("token", LargeBinary, primary_key=True),  # SHA-256 of what the cookie holds
    Column("id", Text, nullable=False, unique=True),  # by which it is listed and ended
    Column("person", Text, nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("program", Text, nullable=False),  # what the browser says it is
    Column("confirmed_at", BigInteger, nullable=False),  # when the password was last given again; 0 for never
    Column("preview", Text, nullable=False),  # the person as whom an administrator looks; '' for nobody
    Column("preview_until", BigInteger, nullable=False, server_default="0"),
)

reveal = Table(
    "reveal",  # what was shown in clear for a while; counts for the day, then it is forgotten here (not by the audit)
    RECORD,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("target", Text, nullable=False),  # acl.reveal.Target as text
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("reveal_by_person", "person", "at"),
)

token = Table(
    "token",  # by which programs act for a person
    RECORD,
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the whole token
    Column("person", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # JSON list
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
)

attempt = Table(
    "attempt",  # failed sign-ins, by account and by address
    RECORD,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

alert_rules = Table(
    "alert_rules",  # what an administrator set of the rules for alerts, in whole versions; the newest is in force
    RECORD,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("note", Text, nullable=False),  # what it changed, in words
    Column("body", Text, nullable=False),  # JSON of audit.rules
)

acknowledgement = Table(
    "acknowledgement",  # who took note of an alert, and what they say of it
    RECORD,
    Column("alert", Text, primary_key=True),  # audit.anomalies.Alert.key
    Column("at", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("note", Text, nullable=False),
)

inbox = Table(
    "inbox",  # payloads that were acknowledged and are not yet in the record
    INBOX,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("failed", Text),  # why it cannot be taken in; kept until a person decides
)

audit = Table(
    "audit",
    AUDIT,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("policy", Integer, nullable=False),
    Column("surface", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("sentence", Text, nullable=False),  # the question in words, never message text
    Column("ids", Text, nullable=False),  # JSON list, at most 100
    Column("count", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("digest", Text, nullable=False),  # number and SHA-256 of all ids, where there were more than are kept
    Column("hash", LargeBinary, nullable=False),  # audit.chain: of this row and the hash before it
)
