"""Gives the accounts on OpenSearch the passwords of the environment, with the certificate of the administration.

The program's own account has the rights that ``meiqia-search opensearch account`` prints; ``admin`` may do everything;
``kibanaserver`` is what Dashboards itself uses. Done again it changes nothing but passwords.
"""

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

API = "_plugins/_security/api"
CERTIFICATES = Path("/certificates")


def administration(certificates: Path) -> ssl.SSLContext:
    """Whoever connects with this may do everything, without a password."""
    context = ssl.create_default_context(cafile=certificates / "public/ca.pem")
    context.load_cert_chain(certificates / "admin/admin.pem", certificates / "admin/admin.key")
    return context


def grant(url: str, certificates: Path, environment: Mapping[str, str]) -> None:
    """Make or change the accounts.

    Raises:
        OSError: the server does not answer or refuses.
    """
    context = administration(certificates)
    for kind, named in wanted(_of_the_program(), environment).items():
        for name, body in named.items():
            _put(f"{url}/{API}/{kind}/{name}", body, context)


def wanted(program: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Roles, mappings and users by name, in the order in which they are made."""
    users = {
        "admin": {"password": environment["OPENSEARCH_ADMIN_PASSWORD"], "backend_roles": ["admin"]},
        "kibanaserver": {"password": environment["OPENSEARCH_DASHBOARDS_PASSWORD"]},
    }
    for name, user in program["internalusers"].items():
        users[name] = {**user, "password": environment["MEIQIA_OPENSEARCH_PASSWORD"]}
    mappings = {
        "all_access": {"backend_roles": ["admin"]},
        "kibana_server": {"users": ["kibanaserver"]},
        **program["rolesmapping"],
    }
    return {"roles": dict(program["roles"]), "rolesmapping": mappings, "internalusers": users}


def _of_the_program() -> Mapping[str, Any]:
    command = [sys.executable, "-m", "meiqia_search", "--json", "opensearch", "account"]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


def _put(url: str, body: Mapping[str, Any], context: ssl.SSLContext) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="PUT")  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=30, context=context):  # noqa: S310
        pass


if __name__ == "__main__":
    grant(os.environ["OPENSEARCH_URL"], CERTIFICATES, os.environ)
