"""The type checker refuses what goes round the scope."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = ROOT / "tests" / "typing" / "unscoped.py"


def test_what_goes_round_the_scope_does_not_type_check() -> None:
    expected = {
        (number, marked[1])
        for number, line in enumerate(FILE.read_text().splitlines(), 1)
        if (marked := re.search(r"# E: ([a-z-]+)$", line))
    }
    options = ("--no-error-summary", "--hide-error-context", "--no-color-output", "--no-pretty")
    found = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(FILE)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    errors = re.findall(r"^\S+:(\d+): error: .*\[([a-z-]+)\]$", found.stdout, re.MULTILINE)
    assert {(int(number), code) for number, code in errors} == expected, found.stdout + found.stderr
