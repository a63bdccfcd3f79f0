"""A scene: one matter customers write about, and the dialogues it leads to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from meiqia_search.channels.demo.goods import ANY
from meiqia_search.channels.demo.script import Template, Turn, turns


@dataclass(frozen=True, slots=True)
class Plot:
    """One thread of a scene: what the customer opens with, and how it goes on if the matter is settled or is not."""

    opening: tuple[Turn, ...]
    rest: dict[bool, tuple[Turn, ...]]
    bot: Turn | None
    summaries: dict[bool, tuple[Template, ...]]
    subjects: tuple[Template, ...]

    def all_turns(self) -> Iterator[Turn]:
        """Every turn of every branch; what both branches share comes twice."""
        yield from (*self.opening, *self.rest[True], *self.rest[False], *filter(None, [self.bot]))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """``matter`` is how people refer to it afterwards, ``asks`` the personal data an agent may need for it.

    ``medium`` says where it happens (chat, phone, email), ``season`` is ``sale`` for what only a sale brings,
    ``resolves`` how often it is settled, ``lines`` which goods it can be about.
    """

    topic: str
    category: str
    type: str
    plots: tuple[Plot, ...]
    matter: str
    weight: float
    group: str
    resolves: float
    lines: tuple[str, ...]
    asks: tuple[str, ...]
    tags: tuple[str, ...]
    medium: str
    season: str

    @property
    def serious(self) -> bool:
        """Whether people insist when it is not settled."""
        return self.type in {"service", "complaint"}


def scene(  # noqa: PLR0913 - one keyword per property, as each scene is written
    topic: str,
    category: str,
    type_: str,
    script: str,
    *,
    matter: str,
    weight: float,
    group: str = "g2",
    resolves: float = 0.8,
    lines: tuple[str, ...] = ANY,
    asks: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    medium: str = "chat phone",
    season: str = "",
) -> Scene:
    """A scene from its script."""
    plots = tuple(_plots(list(turns(script))))
    return Scene(topic, category, type_, plots, matter, weight, group, resolves, lines, asks, tags, medium, season)


def _plots(every: list[Turn]) -> Iterator[Plot]:
    """A plot for each variant of the opening and each thread it can lead to, so that all of them happen."""
    opening = next(turn for turn in every if turn.who == "C")
    anywhere = sorted({letter for turn in every for threads in turn.threads for letter in threads}) or ["a"]
    for thread in (letter for threads in opening.threads for letter in threads or anywhere):
        yield _plot([fitting for turn in every if (fitting := turn.within(thread)).variants or turn.who == "H"])


def _plot(every: list[Turn]) -> Plot:
    said = [turn for turn in every if turn.who in "CAHPF"]
    first = next(place for place, turn in enumerate(said) if turn.who in "AH")
    return Plot(
        opening=tuple(said[:first]),
        rest={settled: _branch(said[first:], settled=settled) for settled in (True, False)},
        bot=next((turn for turn in every if turn.who == "B"), None),
        summaries={settled: _notes(every, "S", settled=settled) for settled in (True, False)},
        subjects=_notes(every, "L", settled=True),
    )


def _branch(said: Iterable[Turn], *, settled: bool) -> tuple[Turn, ...]:
    return tuple(turn for turn in said if turn.branch != ("-" if settled else "+"))


def _notes(every: list[Turn], who: str, *, settled: bool) -> tuple[Template, ...]:
    found = _branch((turn for turn in every if turn.who == who), settled=settled)
    return tuple(parts[0] for turn in found for parts in turn.variants)
