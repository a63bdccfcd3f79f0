"""The authority and the certificates of the OpenSearch nodes: made once, renewed in time, each for who needs it."""

import re
import subprocess
from pathlib import Path

import pytest

import certificates
from tests.deploy.compose import written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    certificates.make(tmp_path)
    return tmp_path


def openssl(*arguments: str | Path) -> str:
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=True).stdout


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_there_and_keys_are_for_their_owner(folder: Path) -> None:
    assert set(content(folder)) == {
        "public/ca.pem", "nodes/ca.pem", "nodes/node.pem", "nodes/node.key", "admin/ca.pem", "admin/ca.key",
        "admin/admin.pem", "admin/admin.key",
    }  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*.key")} == {0o600}
    assert {each.name: each.stat().st_mode & 0o077 for each in folder.iterdir()}["admin"] == 0


def test_made_again_nothing_changes(folder: Path) -> None:
    before = content(folder)
    certificates.make(folder)
    assert content(folder) == before


def test_the_authority_stands_for_them_and_they_name_the_nodes(folder: Path) -> None:
    ca, node = folder / "public/ca.pem", folder / "nodes/node.pem"
    openssl("verify", "-CAfile", ca, node, folder / "admin/admin.pem")
    names = set(re.findall(r"DNS:([\w-]+)", openssl("x509", "-in", node, "-noout", "-ext", "subjectAltName")))
    assert names == {"localhost", *(each for each in written()["services"] if each.startswith("opensearch-"))}


def test_what_ends_soon_is_made_anew_by_the_same_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(certificates, "DAYS", 59)
        certificates.make(tmp_path)
    before = content(tmp_path)
    certificates.make(tmp_path)
    changed = {name for name, was in before.items() if content(tmp_path)[name] != was}
    assert changed == {"nodes/node.pem", "nodes/node.key", "admin/admin.pem", "admin/admin.key"}
    openssl("verify", "-CAfile", tmp_path / "public/ca.pem", tmp_path / "nodes/node.pem")


def test_a_lost_certificate_is_made_anew(folder: Path) -> None:
    (folder / "nodes/node.key").unlink()
    certificates.make(folder)
    openssl("verify", "-CAfile", folder / "public/ca.pem", folder / "nodes/node.pem")
    assert openssl("x509", "-in", folder / "nodes/node.pem", "-noout", "-pubkey") == openssl(
        "pkey", "-in", folder / "nodes/node.key", "-pubout"
    )
