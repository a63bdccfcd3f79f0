"""What must not be where others can reach the program: passwords that everybody knows."""

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from meiqia_search.errors import BadConfiguration
from meiqia_search.settings import Settings

if TYPE_CHECKING:
    from meiqia_search.wiring import Services

KNOWN = frozenset({
    "", "123456", "12345678", "admin", "change-me", "changeme", "default", "elastic", "example", "kibanaserver",
    "meiqia", "meiqia-search", "mystrongpassword123!", "opensearch", "password", "passwd", "postgres", "root", "secret",
    "test",
})  # fmt: skip
"""What stands in examples and manuals."""


def is_exposed(host: str) -> bool:
    """Whether others than this machine can come to an address that is listened on."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def require_secrets(settings: Settings, *, demo: bool) -> None:
    """Refuse the demo company, and passwords of the servers behind that are no secret.

    Raises:
        BadConfiguration: names the option or setting.
    """
    if demo:
        raise BadConfiguration("--demo 建的账号密码是公开的，只能在本机提供服务（--host 127.0.0.1）。")
    database = urlsplit(settings.database_url or "")
    if database.password is not None:
        _require_secret(database.password, database.username or "", "MEIQIA_DATABASE_URL")
    if settings.opensearch_user:
        password = settings.opensearch_password.get_secret_value()
        _require_secret(password, settings.opensearch_user, "MEIQIA_OPENSEARCH_PASSWORD")


def _require_secret(password: str, user: str, setting: str) -> None:
    if password.casefold() in KNOWN or password == user:
        raise BadConfiguration(
            f"{setting} 里的密码是谁都知道的默认密码，别的机器又能连到本服务。请换成随机的密码，或只在本机提供服务"
            "（--host 127.0.0.1）。"
        )


def require_no_demo(services: "Services") -> None:
    """Refuse accounts whose passwords stand in the manual.

    Raises:
        BadConfiguration: names them.
    """
    from meiqia_search.cli.setup import ACCOUNTS

    open_to_all = [each.login for each in ACCOUNTS if services.people.opens(each.login, each.password)]
    if open_to_all:
        raise BadConfiguration(
            f"演示账号 {'、'.join(open_to_all)} 的密码是公开的，不能让别的机器连到。请用 meiqia-search users password "
            "换密码、用 users disable 停用，或只在本机提供服务（--host 127.0.0.1）。"
        )
