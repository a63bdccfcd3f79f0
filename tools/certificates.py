"""An authority of our own, and certificates of it for the OpenSearch nodes and for their administration.

python certificates.py FOLDER

``FOLDER/public`` gets what everybody may read, ``nodes`` what the nodes need, ``admin`` the key of the authority and
the certificate of the administration. What is there stays; a certificate that ends within 60 days is made anew (nodes
read it when they start). Needs openssl 3.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

AUTHORITY_DAYS, DAYS, RENEW_S = 3650, 825, 60 * 24 * 3600
NODES = ("opensearch-1", "opensearch-2", "opensearch-3", "localhost")
OPENSEARCH, PROGRAM = 1000, 10001
"""The accounts in the images."""


@dataclass(frozen=True)
class Certificate:
    """What is made: certificate and key, in which folder, for which account."""

    name: str
    folder: Path
    owner: int

    @property
    def file(self) -> Path:
        """The certificate."""
        return self.folder / f"{self.name}.pem"

    @property
    def key(self) -> Path:
        """Its key."""
        return self.folder / f"{self.name}.key"

    @property
    def lasts(self) -> bool:
        """Whether it is there and does not end soon."""
        return (
            self.key.exists() and self.file.exists() and _succeeds("x509", "-checkend", str(RENEW_S), "-in", self.file)
        )


def make(folder: Path) -> None:
    """Make everything that is not there or ends soon."""
    public, nodes, admin = (folder / name for name in ("public", "nodes", "admin"))
    for place, owner in ((public, PROGRAM), (nodes, OPENSEARCH), (admin, PROGRAM)):
        place.mkdir(parents=True, exist_ok=True)
        _give(place, owner, 0o755 if place == public else 0o700)
    authority = Certificate("ca", admin, 0)
    if not authority.key.exists():
        _issue(authority, AUTHORITY_DAYS, "-subj", "/CN=meiqia-search")
    for copy, owner in ((public / "ca.pem", PROGRAM), (nodes / "ca.pem", OPENSEARCH)):
        shutil.copy(authority.file, copy)
        _give(copy, owner, 0o644)
    signed = ("-CA", str(authority.file), "-CAkey", str(authority.key), "-addext", "basicConstraints=CA:FALSE")
    names = ",".join([*(f"DNS:{name}" for name in NODES), "IP:127.0.0.1"])
    for each, extra in (
        (Certificate("node", nodes, OPENSEARCH), ("-subj", "/CN=node", "-addext", f"subjectAltName={names}")),
        (Certificate("admin", admin, PROGRAM), ("-subj", "/CN=admin")),
    ):
        if not each.lasts:
            _issue(each, DAYS, *signed, *extra)
            print(f"made {each.file}")


def _issue(made: Certificate, days: int, *options: str) -> None:
    """Make key and certificate; they appear whole."""
    with tempfile.TemporaryDirectory(dir=made.folder) as making:
        key, file = Path(making) / made.key.name, Path(making) / made.file.name
        common = ("-x509", "-newkey", "rsa:3072", "-nodes", "-sha256", "-days", str(days))
        _openssl("req", *common, "-keyout", key, "-out", file, *options)
        _give(key, made.owner, 0o600)
        _give(file, made.owner, 0o644)
        key.replace(made.key)
        file.replace(made.file)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _succeeds(*arguments: str | Path) -> bool:
    return subprocess.run(["openssl", *arguments], capture_output=True, check=False).returncode == 0


def _give(path: Path, owner: int, mode: int) -> None:
    """Only root can give something to another account."""
    if os.geteuid() == 0:
        os.chown(path, owner, owner)
    path.chmod(mode)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
