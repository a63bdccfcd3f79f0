"""What people ask of the audit, as forms and links write it, and the log as a download."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from fastapi import Query
from starlette.responses import StreamingResponse

from meiqia_search import clock
from meiqia_search.acl.role import Ability
from meiqia_search.archive.trail import of_customer
from meiqia_search.audit import question as questions
from meiqia_search.audit.question import Question
from meiqia_search.audit.sheet import as_csv, as_lines
from meiqia_search.errors import BadRequest, BadValue
from meiqia_search.web.asked import address
from meiqia_search.web.visitor import Visitor

BATCH = 200
"""So many lines of a download leave together."""
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
Word = Annotated[str, Query()]
Words = Annotated[list[str], Query()]
NONE: list[str] = []


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed; ``customer`` stands for that customer's conversations."""

    who: str = ""
    action: tuple[str, ...] = ()
    when: str = ""
    outcome: str = ""
    about: tuple[str, ...] = ()
    customer: str = ""
    words: str = ""
    entries: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What is asked, as parameters of a link."""
        one = [(name, getattr(self, name)) for name in ("who", "when", "outcome", "customer", "words", "entries")]
        many = [(name, each) for name in ("action", "about") for each in getattr(self, name)]
        return [(name, value) for name, value in (*one, *many) if value]

    def link(self, path: str, **more: str) -> str:
        """The address of this question at a path."""
        return address(path, [*self.pairs, *more.items()])


def read(
    who: Word = "",
    action: Words = NONE,
    when: Word = "",
    outcome: Word = "",
    about: Words = NONE,
    customer: Word = "",
    words: Word = "",
    entries: Word = "",
) -> Asked:
    """What a form or a link says; white space around it means nothing."""
    return Asked(
        who.strip(), _stripped(action), when.strip(), outcome.strip(), _stripped(about), customer.strip(),
        words.strip(), entries.strip(),
    )  # fmt: skip


def _stripped(values: list[str]) -> tuple[str, ...]:
    return tuple(value for each in values if (value := each.strip()))


def question(visitor: Visitor, asked: Asked) -> tuple[Question, int]:
    """What it means, for who may read the audit; and how many conversations of the customer it leaves out.

    Raises:
        ActionNotAllowed
        NotFound: there is no such person, or no conversation of this customer that the visitor sees.
        BadRequest: something cannot be asked like this.
    """
    services, about, total = visitor.services, asked.about, 0
    services.archive.require(visitor.caller, Ability.READ_AUDIT)
    if asked.customer and about:
        raise BadRequest("请只写客户编号或记录编号中的一个。")
    people = services.people.called(asked.who) if asked.who else ()
    if asked.customer:
        about, total = of_customer(services.archive, visitor.caller, asked.customer)
    made = questions.read(
        clock.now(), people, asked.action, about, asked.when, asked.outcome, asked.words, asked.entries
    )
    return made, max(total - len(about), 0)


def download(visitor: Visitor, asked: Asked, kind: str, again: Callable[[], Visitor]) -> StreamingResponse:
    """The log as a file that is written while it is read; ``again`` finds out anew who asks.

    Raises:
        ActionNotAllowed, NotFound, BadRequest: as :func:`question`.
    """
    services = visitor.services
    asking, _ = question(visitor, asked)
    if kind not in FORMATS:
        raise BadValue("格式应为 csv 或 jsonl。", field="format")

    def still() -> None:
        services.archive.scope(again().caller).require(Ability.READ_AUDIT)

    rows = services.trail.export(visitor.caller, asking, still)
    lines = as_csv(rows, services.people.names()) if kind == "csv" else as_lines(rows)
    stamp = clock.show(clock.now())[:16].translate({ord(each): None for each in "-: "})
    named = {"Content-Disposition": f'attachment; filename="audit-{stamp}.{kind}"'}
    return StreamingResponse(_batches(lines), headers=named, media_type=FORMATS[kind])


def _batches(lines: Iterator[str]) -> Iterator[bytes]:
    while batch := "".join(islice(lines, BATCH)):
        yield batch.encode()
