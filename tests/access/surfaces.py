"""Every way by which something leaves, and what is asked there. A way that is missing here fails a test."""
# ruff: noqa: E501 - tables are read best in lines

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.access.world import PASSWORD

Who = Literal["everybody", "managers", "auditors", "machine"]


@dataclass(frozen=True)
class Ask:
    """A request; ``page`` is the address with what stands in it."""

    method: str
    page: str
    params: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    json: Any = None


def _get(page: str, **params: str) -> Ask:
    return Ask("GET", page, list(params.items()))


_HTMX = {"HX-Request": "true"}
_SEARCHES: tuple[dict[str, str], ...] = (
    {}, {"q": "这里说到"}, {"q": "客户:这里"}, {"q": "客服:回电"}, {"q": "小结:电"}, {"q": "手机"}, {"q": '"[手机]"'},
    {"q": "138"}, {"q": "1"}, {"q": "渠道:微信"}, {"q": "退款一直没到账"}, {"q": "退款 到账 客服:林一"}, {"q": "-这里说到"},
    {"q": "这里说到", "sort": "relevance"}, {"q": "段"}, {"q": "浙江省"}, {"q": "example.com"}, {"q": "kx"},
    {"sort": "-started_at"}, {"sort": "started_at"}, {"sort": "-duration"}, {"sort": "messages"}, {"sort": "rating"},
    {"sort": "phone"}, {"sort": "customer"}, {"sort": "nothing"}, {"size": "1"}, {"size": "0"}, {"size": "x"},
    {"agent": "k1"}, {"agent": "k2"}, {"agent": "苗二"}, {"owner": "k2"}, {"group": "g2"}, {"group": "g1-2"},
    {"phone": "13800000000"}, {"customer_name": "段"}, {"has": "phone"}, {"has": "tag"}, {"none": "rating"},
    {"none": "phone"}, {"within": "7"}, {"from": "2011-01-01", "to": "2020-12-31"}, {"from": "x"}, {"find": "absent"},
    {"q": "退款", "find": "absent"}, {"more": "tag"}, {"more": "agent"}, {"after": "x.y"}, {"q": "(" * 9},
    {"where": '{"not": {"has": "tag"}}'}, {"where": "{"}, {"off": '{"has": "tag"}'},
    {"where": '{"range": {"field": "duration", "at_least": 1}}'}, {"Phone": "1"}, {"customer.phone": "1"},
    {"where": '{"range": {"field": "phone", "at_least": 1}}'}, {"where": '{"has": "email"}'},
    {"q": "手机:13800000000"}, {"phone": "k1:00000000000000000000000000000000"}, {"q": "有:身份证"}, {"q": "姓名:段"}, {"has": "ip"},
)  # fmt: skip


def _search_pages() -> Iterator[Ask]:
    for each in _SEARCHES:
        yield _get("/search", **each)
    for headers in (_HTMX, {**_HTMX, "HX-Live": "1"}, {**_HTMX, "HX-History-Restore-Request": "true"}):
        yield Ask("GET", "/search", [("q", "这里说到")], headers)
        yield Ask("GET", "/search", [("q", "无此一说")], headers)


def _posts() -> Iterator[Ask]:
    bodies: tuple[Any, ...] = (
        {}, {"q": "这里说到"}, {"q": "回电", "sort": "relevance"}, {"size": 1}, {"size": 1000}, {"sort": {"field": "phone"}},
        {"sort": {"field": "duration", "descending": False}}, {"where": {"has": "phone"}}, {"where": {"has": "address"}}, {"extra": 1},
        {"where": {"term": {"field": "agent", "values": ["k2", "k3"]}}}, {"where": {"or": []}}, {"where": {"and": []}},
        {"where": {"text": {"words": "电", "speaker": "note"}}}, {"where": {"range": {"field": "started_at", "below": 9}}},
        {"where": {"term": {"field": "phone", "values": ["13800000000"]}}}, {"after": "x.y"}, [], 1, "x",
        {"q": "手机:13800000000"}, {"q": "手机:138"}, {"q": "退款 | 邮箱:nobody@example.com"}, {"q": "-身份证:110101"},
    )  # fmt: skip
    for body in bodies:
        yield Ask("POST", "/api/v1/search", json=body)
    yield Ask("POST", "/api/v1/search", form={"q": "x"})


Asking = Callable[[list[str]], Iterator[Ask] | list[Ask]]
"""From the ids of the conversations that a person sees to what is asked."""


def _reading(prefix: str) -> Asking:
    def asks(ids: list[str]) -> Iterator[Ask]:
        for each in ids:
            yield _get(f"{prefix}/{each}")
            yield _get(f"{prefix}/{each}", q="这里说到", sort="-started_at")
            yield _get(f"{prefix}/{each}", q="电", sort="duration", part="2")
        yield _get(f"{prefix}/absent")
        yield _get(f"{prefix}/%00")

    return asks


_WISHES: tuple[Any, ...] = (
    {"kind": "phone", "reason": "客户要求回电"}, {"field": "email", "reason": "客户要求回电"}, {"kind": "phone"},
    {"kind": "passport", "reason": "客户要求回电"}, {"kind": "phone", "reason": "客户要求回电", "password": "wrong password"},
)  # fmt: skip
_UNREADABLE: tuple[Any, ...] = (
    {}, 1, {"kind": "phone", "field": "phone"}, {"kind": "fax", "reason": "客户要求回电"},
    {"field": "channel", "reason": "核对一下"},
)  # fmt: skip
"""Without the password: what is revealed has tests of its own."""


_LOOKS: tuple[dict[str, str], ...] = (
    {}, {"who": "agent"}, {"who": "nobody"}, {"action": "read"}, {"action": "nothing"}, {"outcome": "failed"},
    {"about": "absent"}, {"customer": "absent"}, {"when": "今天"}, {"when": "某天"}, {"words": "电"}, {"entries": "1..9"},
    {"entries": "x"}, {"after": "x"}, {"size": "5"},
)  # fmt: skip
_EXPORTS: tuple[dict[str, str], ...] = (
    {"entries": "1..30"}, {"entries": "1..30", "format": "csv"}, {"format": "xlsx"}, {"who": "nobody"},
)  # fmt: skip


def _unmarked(page: str, **form: str) -> Asking:
    """A change without the mark of the session: what changes rights has tests of its own."""
    return lambda _: [Ask("POST", page, form={"csrf": "wrong", **form})]


ROUTES: dict[tuple[str, str], Asking] = {
    ("GET", "/healthz"): lambda _: [_get("/healthz")],
    ("GET", "/"): lambda _: [_get("/")],
    ("GET", "/sign-in"): lambda _: [_get("/sign-in"), _get("/sign-in", next="/search?q=x")],
    ("POST", "/sign-in"): lambda _: [
        Ask("POST", "/sign-in", form={"login": "nobody", "password": PASSWORD}),
        Ask("POST", "/sign-in", form={"login": "agent", "password": "wrong password"}),
    ],
    ("POST", "/sign-out"): lambda _: [Ask("POST", "/sign-out", form={"csrf": "wrong"})],
    ("GET", "/search"): lambda _: _search_pages(),
    ("POST", "/search"): _unmarked("/search", q="手机:13800000000"),
    ("GET", "/conversations/{conversation_id:path}"): _reading("/conversations"),
    ("POST", "/conversations/{conversation_id:path}/reveal"): lambda ids: [
        Ask("POST", f"/conversations/{each}/reveal", form={"csrf": "wrong", "what": "phone", "reason": "客户要求回电"})
        for each in (*ids, "absent")
    ],
    ("POST", "/api/v1/conversations/{conversation_id:path}/reveal"): lambda ids: [
        Ask("POST", f"/api/v1/conversations/{each}/reveal", json=body)
        for each, bodies in (*((each, _WISHES) for each in ids), ("absent", _WISHES + _UNREADABLE), ("%00", _WISHES))
        for body in bodies
    ],
    ("POST", "/preview"): _unmarked("/preview", login="supervisor"),
    ("POST", "/preview/end"): _unmarked("/preview/end"),
    ("GET", "/api/v1/search"): lambda _: [_get("/api/v1/search", **each) for each in _SEARCHES],
    ("POST", "/api/v1/search"): lambda _: _posts(),
    ("GET", "/api/v1/conversations/{conversation_id:path}"): _reading("/api/v1/conversations"),
    ("GET", "/api/v1/openapi.json"): lambda _: [_get("/api/v1/openapi.json")],
    ("GET", "/account"): lambda _: [_get("/account"), _get("/account", done="revoked")],
    ("POST", "/account/password"): _unmarked("/account/password", new="long enough 密码"),
    ("POST", "/account/sessions/{session_id}/end"): _unmarked("/account/sessions/absent/end"),
    ("POST", "/account/tokens"): _unmarked("/account/tokens", name="x", use="search", days="1"),
    ("POST", "/account/tokens/{token_id}/revoke"): _unmarked("/account/tokens/absent/revoke"),
    ("GET", "/people"): lambda _: [_get("/people")],
    ("GET", "/new-person"): lambda _: [_get("/new-person")],
    ("POST", "/new-person"): _unmarked("/new-person", login="new", name="新人", role="agent", first="long enough 密码"),
    ("GET", "/people/{login}"): lambda _: [_get("/people/agent"), _get("/people/absent"), _get("/people/%00")],
    ("POST", "/people/{login}"): _unmarked("/people/agent", name="别人", role="administrator"),
    ("POST", "/people/{login}/disable"): _unmarked("/people/agent/disable"),
    ("POST", "/people/{login}/enable"): _unmarked("/people/agent/enable"),
    ("POST", "/people/{login}/password"): _unmarked("/people/agent/password", new="long enough 密码"),
    ("POST", "/people/{login}/sessions/{session_id}/end"): _unmarked("/people/agent/sessions/absent/end"),
    ("POST", "/people/{login}/tokens/{token_id}/revoke"): _unmarked("/people/agent/tokens/absent/revoke"),
    ("GET", "/roles"): lambda _: [_get("/roles")],
    ("GET", "/new-role"): lambda _: [_get("/new-role"), _get("/new-role", like="supervisor")],
    ("POST", "/new-role"): _unmarked("/new-role", name="new", label="新角色", reach="all"),
    ("GET", "/roles/{role}"): lambda _: [_get("/roles/agent"), _get("/roles/absent")],
    ("POST", "/roles/{role}"): _unmarked("/roles/agent", label="新角色", reach="all"),
    ("POST", "/roles/{role}/delete"): _unmarked("/roles/nothing/delete"),
    ("GET", "/role-history"): lambda _: [_get("/role-history")],
    ("POST", "/role-history/{number}/restore"): _unmarked("/role-history/1/restore"),
    ("GET", "/audit"): lambda _: [_get("/audit", **each) for each in _LOOKS],
    ("GET", "/audit/export"): lambda _: [_get("/audit/export", **each) for each in _EXPORTS],
    ("GET", "/audit/checkpoints"): lambda _: [_get("/audit/checkpoints")],
    ("POST", "/audit/verify"): _unmarked("/audit/verify"),
    ("GET", "/audit/alerts"): lambda _: [_get("/audit/alerts"), _get("/audit/alerts", all="1", done="noted")],
    ("POST", "/audit/alerts/{key}"): _unmarked("/audit/alerts/refusals-1-2", note="已核实"),
    ("GET", "/audit/rules"): lambda _: [_get("/audit/rules")],
    ("GET", "/audit/rules/{name}"): lambda _: [_get("/audit/rules/refusals"), _get("/audit/rules/absent")],
    ("POST", "/audit/rules/{name}"): _unmarked("/audit/rules/refusals", most="1", window="1", version="0"),
    ("POST", "/audit/rules/{name}/reset"): _unmarked("/audit/rules/refusals/reset", version="0"),
    ("GET", "/api/v1/audit"): lambda _: [_get("/api/v1/audit", **each) for each in (*_LOOKS, {"size": "0"})],
    ("GET", "/api/v1/audit/export"): lambda _: [_get("/api/v1/audit/export", **each) for each in _EXPORTS],
    ("GET", "/static"): lambda _: [_get("/static/app.css"), _get("/static/app.js"), _get("/static/../app.py")],
}
"""Every route of the application, and what is asked there without knowing anything."""

NOWHERE = (
    "/nowhere",
    "/api/v1/nowhere",
    "/api/v1/conversations",
    "/conversations/",
    "/search/",
    "//search",
    "/api/v1/search/x",
)
METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "POST", "TRACE")


@dataclass(frozen=True)
class Command:
    """A command with its arguments; ``{id}`` is a conversation that is seen, ``{file}`` one to import."""

    who: Who
    lines: tuple[tuple[str, ...], ...]
    writes: bool = False


COMMANDS: dict[str, Command] = {
    "init": Command("machine", (("init",),)),
    "search": Command(
        "everybody",
        (("search",), ("search", "这里说到"), ("search", "--sort", "relevance", "电"), ("search", "无此一说 退款"),
         ("search", "-n", "1"), ("search", "手机:13800000000"), ("search", "手机:138"), ("search", "--sort", "phone"), ("search", "--after", "x"),
         ("search", "--why", "absent", "退款"), ("search", "--why", "{id}", "退款"), ("search", "客服:苗二")),
    ),
    "show": Command(
        "everybody",
        (("show", "{id}"), ("show", "absent"), ("show", "{id}", "--reveal", "phone"),
         ("show", "{id}", "--reveal", "passport", "--reason", "核对客户身份"), ("show", "{id}", "--reveal", "fax"),
         ("show", "absent", "--reveal", "phone", "--reason", "核对客户身份")),
    ),
    "users list": Command("managers", (("users", "list"),)),
    "users change": Command("managers", (("users", "change", "agent", "--name", "别人"),), True),
    "users disable": Command("managers", (("users", "disable", "agent"),), True),
    "users enable": Command("managers", (("users", "enable", "agent"),), True),
    "users password": Command("managers", (("users", "password", "agent", "--password", "long enough 密码"),), True),
    "tokens create": Command("managers", (("tokens", "create", "local", "--name", "x", "--use", "search"),), True),
    "tokens list": Command("managers", (("tokens", "list", "local"),)),
    "tokens revoke": Command("managers", (("tokens", "revoke", "local", "absent"),), True),
    "roles show": Command("managers", (("roles", "show"),)),
    "roles export": Command("managers", (("roles", "export"),)),
    "roles history": Command("managers", (("roles", "history"),)),
    "roles import": Command("managers", (("roles", "import", "--check", "{file}"),), True),
    "roles restore": Command("managers", (("roles", "restore", "1"),), True),
    "users add": Command(
        "managers", (("users", "add", "{new}", "--name", "新人", "--role", "agent", "--password", "long enough 密码"),), True
    ),
    "import": Command("managers", (("import", "{file}"), ("import", "absent.jsonl")), True),
    "opensearch templates": Command("machine", (("opensearch", "templates"),)),
    "opensearch account": Command("machine", (("opensearch", "account"),)),
    "opensearch roles": Command("managers", (("opensearch", "roles"),)),
    "rebuild": Command("managers", (("rebuild",),), True),
    "rollback": Command("managers", (("rollback",),), True),
    "verify": Command("managers", (("verify",),)),
    "move": Command("managers", (("move", "postgresql://nobody@127.0.0.1:9/nothing"),), True),
    "keys list": Command("managers", (("keys", "list"),)),
    "keys rotate": Command("managers", (("keys", "rotate"),), True),
    "keys retire": Command("managers", (("keys", "retire", "k1"),), True),
    "audit alerts": Command("auditors", (("audit", "alerts"), ("audit", "alerts", "--all"))),
    "audit acknowledge": Command("auditors", (("audit", "acknowledge", "absent", "--note", "已核实"),), True),
    "audit rules list": Command("auditors", (("audit", "rules", "list"),)),
    "audit rules set": Command("managers", (("audit", "rules", "set", "refusals", "most=50"),), True),
    "audit rules reset": Command("managers", (("audit", "rules", "reset", "refusals"),), True),
    "audit verify": Command("auditors", (("audit", "verify"),)),
    "audit search": Command(
        "auditors",
        (("audit", "search"), ("audit", "search", "电", "-n", "5"), ("audit", "search", "--who", "agent"),
         ("audit", "search", "--about", "{id}"), ("audit", "search", "--who", "nobody"), ("audit", "search", "--entries", "1..9")),
    ),
    "audit trace": Command(
        "auditors",
        (("audit", "trace", "--conversation", "{id}"), ("audit", "trace", "--who", "agent"),
         ("audit", "trace", "--customer", "absent")),
    ),
    "audit export": Command("auditors", (("audit", "export"), ("audit", "export", "--json"))),
    "doctor": Command("managers", (("doctor",),)),
    "demo": Command("machine", (("demo", "-n", "3"),), True),
    "worker": Command("machine", (("worker", "--beside"),), True),
    "serve": Command("machine", (("serve", "--port", "{taken}"),), True),
}  # fmt: skip
"""Every command. What only the machine's own administrator runs says nothing of conversations."""

EVENTS: dict[str, str] = {
    "search": "GET /search",
    "look_up": "POST /api/v1/search",
    "count": "GET /search",
    "read": "GET /conversations/{conversation_id:path}",
    "reveal": "POST /conversations/{conversation_id:path}/reveal",
    "preview": "POST /preview",
    "explain": "cli search",
    "sign_in": "POST /sign-in",
    "sign_in_failed": "POST /sign-in",
    "sign_out": "POST /sign-out",
    "confirm": "POST /people/{login}/disable",
    "list_sessions": "GET /account",
    "end_session": "POST /account/sessions/{session_id}/end",
    "add_token": "cli tokens create",
    "list_tokens": "GET /account",
    "revoke_token": "cli tokens revoke",
    "token_refused": "GET /api/v1/search",
    "count_reach": "POST /people/{login}",
    "add_person": "cli users add",
    "list_people": "cli users list",
    "disable_person": "cli users disable",
    "enable_person": "cli users enable",
    "change_person": "cli users change",
    "reset_password": "cli users password",
    "change_roles": "cli roles import",
    "refused": "cli users list",
    "initialise": "cli init",
    "import": "cli import",
    "rebuild": "cli rebuild",
    "roll_back": "cli rollback",
    "verify": "cli verify",
    "move": "cli move",
    "rotate_key": "cli keys rotate",
    "retire_key": "cli keys retire",
    "list_alerts": "cli audit alerts",
    "acknowledge": "cli audit acknowledge",
    "change_rules": "cli audit rules set",
    "verify_audit": "cli audit verify",
    "read_audit": "cli audit search",
    "export_audit": "cli audit export",
}
"""Every event of the audit, and the way on which it is seen to be written."""
