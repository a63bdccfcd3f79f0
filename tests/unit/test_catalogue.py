"""The catalogue of the audit is closed: what is in it happens somewhere, and what happens is in it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import meiqia_search
from meiqia_search.audit.events import Action, outcome_label
from meiqia_search.errors import TREE

SOURCE = Path(meiqia_search.__file__).parent
READERS = {"cli/audit.py", "web/auditing.py", "web/pages/audit.py"}
"""What shows the audit; naming an action there writes nothing."""


def written() -> Iterator[str]:
    """The name of every action that is handed to a call, as those that write events take it."""
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).as_posix() not in READERS:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from (name for each in node.args for name in named(each))


def named(argument: ast.expr) -> Iterator[str]:
    """The action that an argument is, or those between which it chooses."""
    match argument:
        case ast.Attribute(ast.Name("Action"), name):
            yield name
        case ast.IfExp():
            yield from (*named(argument.body), *named(argument.orelse))


def test_every_action_is_written_and_every_written_action_is_there() -> None:
    assert set(written()) == set(Action.__members__)


def test_every_action_and_outcome_has_a_word_of_its_own() -> None:
    assert len({each.label for each in Action}) == len(Action)
    assert all(each.label for each in Action)
    assert all(outcome_label(each.code) == each.title for each in TREE)
