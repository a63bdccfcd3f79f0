"""Why a conversation is not among the results."""

from typing import assert_never

from meiqia_search import fields
from meiqia_search.conversation import SPEAKER_LABELS
from meiqia_search.query.canonical import canonical
from meiqia_search.query.filter import NOTHING, And, Filter, Has, Name, Not, Or, Range, Term, Text
from meiqia_search.query.meaning import Subject, matches
from meiqia_search.query.names import Names
from meiqia_search.query.sentence import sentence, value_text
from meiqia_search.text.normalise import fold


def first_failing(where: Filter, subject: Subject) -> Filter | None:
    """The first condition that excludes the conversation, as deep as one is to blame; nothing if it matches."""
    if matches(where, subject):
        return None
    return _blamed(canonical(where), subject)


def _blamed(where: Filter, subject: Subject) -> Filter:
    match where:
        case And(parts):
            return _blamed(next(part for part in parts if not matches(part, subject)), subject)
        case Not(Or(parts)):
            return _blamed(Not(next(part for part in parts if matches(part, subject))), subject)
        case Not(Not(part)):
            return _blamed(part, subject)
        case _:
            return where


def why(where: Filter, subject: Subject, names: Names) -> str:
    """One Chinese sentence, without its full stop, saying what excludes the conversation."""
    match first_failing(where, subject):
        case None:
            return "符合全部条件"
        case Not(part):
            return f"符合要排除的条件：{sentence(part, names)}"
        case Or() as either:
            return "这个条件不包括任何会话" if either == NOTHING else f"没有一条符合：{sentence(either, names)}"
        case Term() | Range() as unmet:
            return _differs(unmet, subject, names)
        case Has(name):
            return f"没有{fields.get(name).label}"
        case Name() as name:
            return sentence(Not(name), names)
        case Text() as text:
            return _unsaid(text, subject)
        case And():  # pragma: no cover - one of its parts is to blame
            raise AssertionError
        case unknown:
            assert_never(unknown)


def _differs(unmet: Term | Range, subject: Subject, names: Names) -> str:
    """What the conversation has instead; a personal value is not told."""
    label = fields.get(unmet.field).label
    found = subject.values(unmet.field)
    if not found:
        return f"没有{label}，要求{sentence(unmet, names)}"
    demand = sentence(unmet, names).removeprefix(label)
    denied = f"不{demand}" if demand.startswith(("是", "在")) else f"要求{demand}"
    if fields.get(unmet.field).personal is not None:
        return f"{label}{denied}"
    have = "、".join(value_text(fields.get(unmet.field), value, names) for value in found)
    return f"{label}是{have}，{denied}"


def _unsaid(text: Text, subject: Subject) -> str:
    missing = [needle for needle in text.needles if not _speakers(needle, text, subject)]
    who = "" if text.speaker is None else SPEAKER_LABELS[text.speaker]
    told = f"{who}没有说过{''.join(f'“{_as_asked(needle, text)}”' for needle in missing)}"
    others = dict.fromkeys(speaker for speaker, said in subject.said if any(needle in said for needle in missing))
    if others:
        told += f"，但{'、'.join(SPEAKER_LABELS[speaker] for speaker in others)}说过"
    return told


def _speakers(needle: str, text: Text, subject: Subject) -> bool:
    return any(needle in said for speaker, said in subject.said if text.speaker in (None, speaker))


def _as_asked(needle: str, text: Text) -> str:
    """The needle as the person wrote it, where it is all they wrote."""
    return text.words if needle == fold(text.words).strip() or text.exact else needle
