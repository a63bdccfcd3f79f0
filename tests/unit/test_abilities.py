"""What is said of abilities is true: which of them something asks for, and which come later."""

import re
from pathlib import Path

import meiqia_search
from meiqia_search.acl.role import ABILITY_LABELS, COMING, MEASURES, Ability, Limits

SOURCE = Path(meiqia_search.__file__).parent


def test_what_is_said_to_come_is_asked_for_nowhere_and_everything_else_somewhere() -> None:
    """Whoever makes something ask for an ability takes it out of those that come later."""
    asked = {
        Ability[name]
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "acl" and path.name != "roleform.py"
        for name in re.findall(r"Ability\.([A-Z_]+)", path.read_text("utf-8"))
    }
    assert asked == set(Ability) - COMING


def test_every_ability_has_a_word_and_every_measure_a_limit() -> None:
    assert list(ABILITY_LABELS) == list(Ability)
    assert [each.name for each in MEASURES.values()] == list(Limits.__dataclass_fields__)
    assert all(0 < each.usual <= each.most for each in MEASURES.values())
