"""Timing and bookkeeping."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

RESULTS = Path(__file__).parent / "results.jsonl"


class Whole(NamedTuple):
    """What a process took: seconds from start to end, and the memory of the largest process of its tree."""

    seconds: float
    memory_mb: float


def whole_process(command: Sequence[str]) -> Whole:
    """Run a command to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Whole(seconds, usage.ru_maxrss / 1024)


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def in_turn(pairs: Sequence[tuple[Callable[[], object], Callable[[], object]]]) -> tuple[list[float], list[float]]:
    """Times of two ways of doing the same, measured A B A B …, so that a drift of the machine hits both."""
    first, second = [], []
    for a, b in pairs:
        first.append(milliseconds(a))
        second.append(milliseconds(b))
    return first, second


def summary(times: Sequence[float]) -> dict[str, float]:
    """Minimum, median and maximum, in milliseconds."""
    return {"min": min(times), "median": statistics.median(times), "max": max(times), "n": len(times)}


def folder_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def record(name: str, size: int, figures: dict[str, Any]) -> None:
    """Append one result: what was measured, of which state of the code, on what machine."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    row = {
        "name": name,
        "size": size,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip() or "unknown",
        "machine": f"{platform.machine()}, {cores()} cores, Python {platform.python_version()}",
        **figures,
    }
    with RESULTS.open("ab") as file:
        file.write(msgspec.json.encode(row) + b"\n")


def cores() -> int:
    return len(os.sched_getaffinity(0))
