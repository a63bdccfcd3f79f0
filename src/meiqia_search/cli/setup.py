"""Making an archive, and the demo company in it."""

import secrets
from itertools import islice
from typing import NamedTuple

from rich.progress import track

from meiqia_search.acl.principal import LOCAL_LOGIN
from meiqia_search.archive import Caller
from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.channels import demo
from meiqia_search.cli.common import LOCAL_NAME, err, initialised
from meiqia_search.errors import BadRequest
from meiqia_search.indexing import intake
from meiqia_search.wiring import Services

CHUNK = 1_000


class Account(NamedTuple):
    """An account of the demo company."""

    login: str
    password: str
    name: str
    role: str
    sees: str


ACCOUNTS = (
    Account("admin", "demo-admin", "演示管理员", "administrator", "管理员，看全部，管理账号"),
    Account("manager", "demo-manager", "陈主管", "supervisor", "主管，看全部会话和个人信息"),
    Account("leader", "demo-leader", "刘组长", "leader", "组长，看本组会话"),
    Account("xiaowang", "demo-xiaowang", "小王", "agent", "客服，看自己的会话"),
)


def initialise(services: Services) -> bool:
    """Make the administrator of this machine; False where there is one already."""
    if initialised(services):
        return False
    services.people.add(
        LOCAL_LOGIN, LOCAL_NAME, "administrator", None, by=Actor("local", "administrator", Visit("cli"))
    )
    caller = local_caller(services)
    scope = services.archive.scope(caller)
    services.audit.append(Event(Action.INITIALISE, caller.actor, scope.version))
    with services.indexing(scope):
        pass  # makes the index where there is none
    return True


def local_caller(services: Services) -> Caller:
    """The administrator of this machine, at the command line."""
    return Caller(services.principal(LOCAL_LOGIN), Visit("cli", trace=secrets.token_hex(8)))


def require_new(services: Services) -> None:
    """Refuse an archive that somebody uses: the passwords of the demo company are known to everybody.

    Raises:
        BadRequest
    """
    if services.conversations.count() or any(each.login != LOCAL_LOGIN for each in services.people.record.all()):
        raise BadRequest(
            "这个档案里已有会话或账号；演示数据连同公开的密码只能放进新的档案，请用 --data 指定一个空文件夹。"
        )


def make_demo(services: Services, size: int, seed: int) -> int:
    """Fill the archive with the demo company and its accounts; how many conversations were made."""
    caller = local_caller(services)
    scope = services.archive.scope(caller)
    _add_accounts(services, caller)
    made = 0
    with services.indexing(scope) as feed:
        conversations = demo.conversations(size, seed)
        for _ in track(range(-(-size // CHUNK)), "正在生成演示数据", console=err, transient=True):
            chunk = list(islice(conversations, CHUNK))
            intake.take_in(services.conversations, chunk)
            made += len(chunk)
            if feed:
                feed.keep_up()
    services.audit.append(Event(Action.IMPORT, caller.actor, scope.version, "demo", count=made))
    return made


def _add_accounts(services: Services, caller: Caller) -> None:
    wang = next(agent for agent in demo.company().agents if agent.name == "小王")
    for account in ACCOUNTS:
        agents, groups = ((wang.id,), (wang.group,)) if account.login in {"leader", "xiaowang"} else ((), ())
        services.people.add(
            account.login, account.name, account.role, account.password,
            agents if account.role == "agent" else (), groups, by=caller.actor,
        )  # fmt: skip
