"""Logs of the audit for tests."""

from collections.abc import Callable
from pathlib import Path

from meiqia_search.audit.chain import Verdict, verify
from meiqia_search.audit.events import Action, Actor, Event, Visit
from meiqia_search.records.audit import AuditLog
from meiqia_search.records.checkpoints import Checkpoints

BY = Actor("p-1", "agent", Visit("web", "192.0.2.1", "T1"))


def event(number: int, by: Actor = BY) -> Event:
    """Something that was done."""
    return Event(Action.READ, by, 1, f"第{number}次", (f"c{number}",), 1)


def checkpoints_in(folder: Path) -> Checkpoints:
    """Checkpoints in a folder, with their key beside it."""
    return Checkpoints(folder / "checkpoints", folder / "checkpoint.key")


def judged(log: AuditLog, checkpoints: Checkpoints) -> Verdict:
    """What verification says."""
    return verify(log.rows(), checkpoints.read())


def append(log: AuditLog, numbers: range, done: Callable[[int], object] = lambda _: None) -> None:
    """Append so many events, one after another."""
    for number in numbers:
        log.append(event(number))
        done(number)
