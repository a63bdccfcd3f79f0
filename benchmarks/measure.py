"""Timing and bookkeeping."""

import os
import platform
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

RESULTS = Path(__file__).parent / "results.jsonl"
SAMPLE_S = 0.25


class Memory(NamedTuple):
    """Of a process, in MB: what is its own, and that with the pages of files that it looks into.

    Of what it shares with others, its part. Pages of files are given up when somebody needs the room.
    """

    own_mb: float = 0.0
    with_files_mb: float = 0.0


class Whole(NamedTuple):
    """What a process took: seconds from start to end, and the peaks of the memory of it and all its children."""

    seconds: float
    memory: Memory


def whole_process(command: Sequence[str]) -> Whole:
    """Run a command to its end."""
    began, peak = time.perf_counter(), Memory()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            process.wait(SAMPLE_S)
            break
        except subprocess.TimeoutExpired:
            now = zip(*map(_memory, tree(process.pid)), strict=True)
            peak = Memory(*map(max, peak, map(sum, now)))
    seconds = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Whole(seconds, peak)


def tree(pid: int) -> list[int]:
    """A process and its descendants (Linux)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for each in found:  # grows while it is walked through
        found += children.get(each, [])
    return found


def _memory(pid: int) -> Memory:
    known = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, size = line.split()[:2]
            known[name] = int(size) / 1024
    return Memory(known.get("Pss_Anon:", 0.0) + known.get("Pss_Shmem:", 0.0), known.get("Pss:", 0.0))


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def in_turn(pairs: Sequence[tuple[Callable[[], object], Callable[[], object]]]) -> tuple[list[float], list[float]]:
    """Times of two ways of doing the same, measured one after the other, so that a drift of the machine hits both.

    Which comes first is tossed up: whoever does finds the caches cold.
    """
    chance = random.Random(17)
    first, second = [], []
    for a, b in pairs:
        if swapped := chance.random() < 0.5:
            second.append(milliseconds(b))
        first.append(milliseconds(a))
        if not swapped:
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
