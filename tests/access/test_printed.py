"""What ``meiqia-search opensearch roles`` prints, sent to the server as it stands, is all an archive needs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.secured import PASSWORD, Secured

pytestmark = pytest.mark.opensearch
PREFIX = "printed"
REQUEST = re.compile(r"^PUT (\S+)\n(\{\n.*?^\})$", re.MULTILINE | re.DOTALL)
LINES = (
    {
        "conversation_id": "a",
        "agent": {"id": "k1", "name": "小王"},
        "messages": [{"sender": "customer", "text": "退款"}],
    },
    {
        "conversation_id": "b",
        "agent": {"id": "k2", "name": "小李"},
        "messages": [{"sender": "customer", "text": "退款"}],
    },
)


def program(folder: Path, secured: Secured, *arguments: str, code: int = 0) -> str:
    """What the command prints (an error, where ``code`` is not 0), on an archive whose index is on the server."""
    configured = {
        "MEIQIA_DATA_DIR": str(folder / "data"),
        "MEIQIA_OPENSEARCH_URL": secured.server.url,
        "MEIQIA_OPENSEARCH_USER": f"{PREFIX}-program",
        "MEIQIA_OPENSEARCH_PASSWORD": PASSWORD,
        "MEIQIA_OPENSEARCH_CA": str(secured.server.ca),
        "MEIQIA_OPENSEARCH_PREFIX": PREFIX,
    }
    command = [sys.executable, "-m", "meiqia_search", *arguments]
    done = subprocess.run(command, env=os.environ | configured, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == code, done.stderr
    return done.stderr if code else done.stdout


def send(secured: Secured, printed: str) -> None:
    """Send the requests as an administrator of the cluster, new users with a password."""
    for path, text in REQUEST.findall(printed):
        body = json.loads(text)
        if "/internalusers/" in path:
            body["password"] = PASSWORD
        secured.admin.transport.perform_request("PUT", f"/{path}", body=body)


def test_from_nothing_to_a_person_who_asks(secured: Secured, tmp_path: Path) -> None:
    assert "OpenSearch 不接受这个账号" in program(tmp_path, secured, "init", code=8)
    send(secured, program(tmp_path, secured, "opensearch", "roles"))
    (tmp_path / "two.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    program(tmp_path, secured, "import", "two.jsonl")
    wang = ("--name", "王芳", "--role", "agent", "--agent", "小王", "--password", PASSWORD)
    program(tmp_path, secured, "users", "add", "wang", *wang)
    send(secured, program(tmp_path, secured, "opensearch", "roles"))

    with secured.client(f"{PREFIX}.wang") as client:
        hits = client.search(index=f"{PREFIX}.conversations", body={"query": {"match_all": {}}})["hits"]["hits"]
    assert [hit["_source"]["id"] for hit in hits] == ["a"]
    assert json.loads(program(tmp_path, secured, "--as", "wang", "--json", "search", "退款"))["total"] == 1
