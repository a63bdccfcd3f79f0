"""What a person writes to account for something: a reason, a note."""

BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their class, and nothing to see."""


def written(text: str) -> str:
    """The text on one line, without what nobody sees."""
    return " ".join("".join(each for each in text if _is_seen(each) or each.isspace()).split())


def letters(text: str) -> int:
    """How many letters, characters and digits it has."""
    return sum(each.isalnum() and _is_seen(each) for each in text)


def _is_seen(char: str) -> bool:
    return char.isprintable() and char not in BLANK
