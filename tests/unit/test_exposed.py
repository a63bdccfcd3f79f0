"""Where others can reach the program, passwords that everybody knows are refused."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from meiqia_search.cli.exposed import KNOWN, is_exposed, require_no_demo, require_secrets
from meiqia_search.cli.setup import ACCOUNTS, initialise, make_demo
from meiqia_search.errors import BadConfiguration
from meiqia_search.settings import Settings
from meiqia_search.wiring import open_services
from tests.audited import BY
from tests.places import in_folder


@pytest.mark.parametrize(
    ("host", "exposed"),
    [("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("localhost", False), ("0.0.0.0", True),  # noqa: S104
     ("::", True), ("10.0.0.1", True), ("archive.example", True)],
)  # fmt: skip
def test_from_where_one_can_come(host: str, exposed: bool) -> None:
    assert is_exposed(host) is exposed


def on_servers(database: str, user: str, opensearch: str) -> Settings:
    return Settings(
        database_url=f"postgresql://{user}{database and ':' + database}@db/x",
        opensearch_user="meiqia-program",
        opensearch_password=SecretStr(opensearch),
    )


@pytest.mark.parametrize("known", sorted(KNOWN))
def test_passwords_of_manuals_are_refused(known: str) -> None:
    with pytest.raises(BadConfiguration, match="MEIQIA_OPENSEARCH_PASSWORD"):
        require_secrets(on_servers("x9-Kq", "meiqia", known.upper()), demo=False)
    if known:
        with pytest.raises(BadConfiguration, match="MEIQIA_DATABASE_URL"):
            require_secrets(on_servers(known, "someone", "x9-Kq"), demo=False)


def test_the_name_of_the_account_is_no_password() -> None:
    with pytest.raises(BadConfiguration, match="MEIQIA_OPENSEARCH_PASSWORD"):
        require_secrets(on_servers("x9-Kq", "meiqia", "meiqia-program"), demo=False)
    with pytest.raises(BadConfiguration, match="MEIQIA_DATABASE_URL"):
        require_secrets(on_servers("zhang", "zhang", "x9-Kq"), demo=False)


def test_secrets_pass_and_so_does_a_database_without_a_password() -> None:
    require_secrets(on_servers("x9-Kq", "meiqia", "y8-Lp"), demo=False)
    require_secrets(on_servers("", "meiqia", "y8-Lp"), demo=False)
    require_secrets(Settings(), demo=False)
    with pytest.raises(BadConfiguration, match="--demo"):
        require_secrets(Settings(), demo=True)


def test_demo_accounts_have_to_be_changed_or_disabled_first(tmp_path: Path) -> None:
    services = open_services(in_folder(tmp_path))
    try:
        initialise(services)
        require_no_demo(services)
        make_demo(services, 3, 1)
        administrator, *others = ACCOUNTS
        for account in others:
            with pytest.raises(BadConfiguration, match=account.login):
                require_no_demo(services)
            services.people.disable(account.login, BY)
        with pytest.raises(BadConfiguration, match=administrator.login):
            require_no_demo(services)
        services.people.set_password(administrator.login, "long enough 密码", BY)
        require_no_demo(services)
    finally:
        services.close()
