"""docker-compose.yml: as its schema wants it, passing what is read, publishing only the pages, holding no secret."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import compose_env
from machine import OLDEST_POSTGRES
from meiqia_search.cli.exposed import KNOWN, require_secrets
from meiqia_search.engines.opensearch.indices import PREFIX
from meiqia_search.engines.opensearch.roles import of_the_program
from meiqia_search.settings import Settings
from opensearch_home import DEFAULT_VERSION
from tests.deploy.compose import FILE, ROOT, VARIABLE, Compose, chosen, filled, written

ONCE = {"certificates", "cluster-accounts", "init"}
"""Services that do something and end."""


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return chosen(tmp_path_factory.mktemp("env"))


@pytest.fixture(scope="module")
def compose(values: dict[str, str]) -> Compose:
    found = filled(written(), values)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def services(compose: Compose) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def is_valid(file: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def dump(compose: Compose, into: Path) -> Path:
    with (into / "docker-compose.yml").open("w") as out:
        YAML(typ="safe").dump(compose, out)
    return into / "docker-compose.yml"


def test_it_is_what_the_schema_wants(compose: Compose, tmp_path: Path) -> None:
    assert is_valid(FILE)
    assert is_valid(dump(compose, tmp_path))


@pytest.mark.parametrize(
    ("name", "value"),
    [("heathcheck", {}), ("ports", 8000), ("depends_on", {"init": {"condition": "done"}}), ("environment", [1])],
)
def test_the_schema_finds_mistakes(compose: Compose, tmp_path: Path, name: str, value: object) -> None:
    services = compose["services"]
    assert not is_valid(dump({**compose, "services": {**services, "web": {**services["web"], name: value}}}, tmp_path))


def test_docker_compose_reads_it(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("没有 docker compose；结构已由它的 schema 检查")
    compose_env.complete(tmp_path / ".env")
    command = [docker, "compose", "--file", str(FILE), "--env-file", str(tmp_path / ".env"), "config", "--quiet"]
    subprocess.run(command, check=True)


def test_every_variable_is_one_that_the_env_file_has_and_the_reverse() -> None:
    used = set(VARIABLE.findall(FILE.read_text("utf-8")))
    assert used == set(compose_env.VARIABLES)
    assert "$" not in VARIABLE.sub("", FILE.read_text("utf-8"))


def test_every_setting_is_one_that_the_program_reads(services: dict[str, Any]) -> None:
    known = {f"MEIQIA_{name.upper()}" for name in Settings.model_fields}
    for name in ("init", "web", "worker"):
        assert set(services[name]["environment"]) <= known, name
    read = set(
        re.findall(r'environment\["(\w+)"\]|environ\["(\w+)"\]', (ROOT / "tools/cluster_accounts.py").read_text())
    )
    assert set(services["cluster-accounts"]["environment"]) == {one or other for one, other in read}


@pytest.fixture
def settings(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in services["web"]["environment"].items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_every_setting_is_understood(settings: Settings, services: dict[str, Any]) -> None:
    require_secrets(settings, demo=False)
    assert settings.opensearch_user in of_the_program(settings.opensearch_prefix).internalusers
    assert settings.opensearch_prefix == PREFIX
    nodes = {name for name in services if name.startswith("opensearch-")}
    assert {url.split("/")[2].split(":")[0] for url in (settings.opensearch_url or "").split(",")} == nodes
    assert settings.opensearch_ca is not None
    mounted = [volume.split(":")[1] for volume in services["web"]["volumes"]]
    for folder in (settings.data_dir, settings.audit_checkpoints, settings.opensearch_ca.parent):
        assert str(folder) in mounted


def test_only_the_pages_are_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"web"}
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert all("network_mode" not in each or each["network_mode"] == "none" for each in services.values())


def test_databases_have_no_way_out(compose: Compose, services: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in services.items() if "outside" in service.get("networks", ())}
    assert outside == {"web", "dashboards"}


def test_every_service_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert ("healthcheck" in service) == (name not in ONCE), name
        assert service["restart"] == ("no" if name in ONCE else "unless-stopped"), name


def waits(services: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            yield name, other, how["condition"]


def test_everything_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    for name, other, condition in waits(services):
        assert condition == ("service_completed_successfully" if other in ONCE else "service_healthy"), (name, other)
    assert {other for _, other, _ in waits(services)} == set(services) - {"web", "worker", "dashboards"}


def test_no_secret_stands_in_the_file(values: dict[str, str]) -> None:
    secret = {name for name, (value, _) in compose_env.VARIABLES.items() if callable(value)}
    assert all(len(values[name]) >= 40 for name in secret)
    assert len({values[name] for name in secret}) == len(secret)
    for service in written()["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL", name):
                assert set(VARIABLE.findall(value)) & secret, name
    assert not KNOWN & {value.casefold() for value in values.values()}


def test_everything_mounted_is_there(compose: Compose, services: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert {each for each in used if not each.startswith("./")} == set(compose["volumes"])
    assert all((ROOT / each).is_file() for each in used if each.startswith("./"))


def test_the_versions_are_those_that_are_tested(services: dict[str, Any]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = {service["image"] for service in services.values()}
    postgres = next(image for image in images if image.startswith("postgres:"))
    assert int(postgres.removeprefix("postgres:").split("-")[0]) >= OLDEST_POSTGRES
    assert images - {postgres} == {
        f"meiqia-search:{version}",
        f"opensearchproject/opensearch:{DEFAULT_VERSION}",
        f"opensearchproject/opensearch-dashboards:{DEFAULT_VERSION}",
    }


def test_the_program_is_nobody_special(services: dict[str, Any]) -> None:
    final = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    for name in ("cluster-accounts", "init", "web", "worker"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])
        assert "user" not in services[name]


def test_what_the_image_copies_is_not_ignored() -> None:
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all(list(ROOT.glob(each)) for each in let_in)
    build = (ROOT / "pyproject.toml", ROOT / "hatch_build.py", ROOT / "src", ROOT / "tools/assets.py")
    copied = [
        ROOT / name
        for name in re.findall(r"(?:requirements[\w-]*\.txt|tools/\w+\.py)", (ROOT / "Dockerfile").read_text())
    ]
    for needed in (*build, *copied):
        assert any(needed in ROOT.glob(each) for each in let_in), needed


# -- the env file -----------------------------------------------------------------------------------------------------


def test_the_env_file_is_for_its_owner_alone_and_never_in_git(tmp_path: Path) -> None:
    compose_env.complete(tmp_path / ".env")
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert subprocess.run(["git", "check-ignore", "-q", ".env"], cwd=ROOT, check=False).returncode == 0


def test_what_the_env_file_says_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("POSTGRES_PASSWORD=mine\n# MEIQIA_PROCESSES=9\nMEIQIA_PUBLISH=0.0.0.0:80")
    added = compose_env.complete(file)
    assert set(added) == set(compose_env.VARIABLES) - {"POSTGRES_PASSWORD", "MEIQIA_PUBLISH"}
    after = file.read_text()
    assert after.startswith("POSTGRES_PASSWORD=mine\n# MEIQIA_PROCESSES=9\nMEIQIA_PUBLISH=0.0.0.0:80\n")
    assert compose_env.complete(file) == []
    assert file.read_text() == after


def test_every_env_file_has_passwords_of_its_own(tmp_path: Path) -> None:
    one, other = (tmp_path / name for name in ("one", "other"))
    one.mkdir()
    other.mkdir()
    first, second = chosen(one), chosen(other)
    assert all((first[name] == second[name]) != callable(value) for name, (value, _) in compose_env.VARIABLES.items())
