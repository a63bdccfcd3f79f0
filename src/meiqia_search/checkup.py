"""What a look at the installation finds: Chinese sentences that say how something is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from meiqia_search.errors import ArchiveError


class Level(StrEnum):
    """How bad it is."""

    GOOD = "good"
    NOTICE = "notice"  # works, but somebody should know
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and in a sentence what that means and what to do."""

    subject: str
    level: Level
    text: str


def good(subject: str, text: str) -> Finding:
    """It is as it should be."""
    return Finding(subject, Level.GOOD, text)


def notice(subject: str, text: str) -> Finding:
    """It works, but somebody should know."""
    return Finding(subject, Level.NOTICE, text)


def trouble(subject: str, text: str) -> Finding:
    """Something does not work, or soon will not."""
    return Finding(subject, Level.TROUBLE, text)


def failed(subject: str, error: ArchiveError) -> Finding:
    """The look itself ended with an error."""
    return trouble(subject, f"{error.title}：{error.detail}")
