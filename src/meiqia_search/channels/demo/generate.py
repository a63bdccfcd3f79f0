"""The conversations of the demo company: a stream of any length, the same for the same count, seed and end."""

from bisect import bisect
from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from meiqia_search import clock
from meiqia_search.channels.demo import facts, phrases
from meiqia_search.channels.demo.chance import Chance, cumulated, pick
from meiqia_search.channels.demo.dialogue import Dialogue
from meiqia_search.channels.demo.people import Person, person
from meiqia_search.channels.demo.scene import Scene
from meiqia_search.channels.demo.scenes import SCENES
from meiqia_search.channels.demo.schedule import Start, is_sale, starts
from meiqia_search.channels.demo.slots import Slots
from meiqia_search.clock import DAY, SECOND, Instant
from meiqia_search.conversation import Conversation, build

PEOPLE = 0.235
"""Customers per conversation."""
_OPENS, _CLOSES = 8, 23
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODES = 1 << 20
_SPREAD = 646_637  # odd, so that different numbers get different codes


class _Return(NamedTuple):
    """A customer who will write again about the same matter."""

    due: int
    number: int
    before: Dialogue


class _Programme:
    """The scenes that can happen on a channel, and how likely each is."""

    def __init__(self, medium: str, *, sale: bool) -> None:
        self._scenes = [s for s in SCENES if medium in s.medium.split() and (sale or not s.season)]
        self._upto = cumulated([s.weight for s in self._scenes])

    def draw(self, chance: Chance) -> Scene:
        return self._scenes[min(bisect(self._upto, chance()), len(self._scenes) - 1)]


_PROGRAMMES = {
    (medium, sale): _Programme(medium, sale=sale) for medium in ("chat", "phone", "email") for sale in (True, False)
}


def conversations(count: int = 3000, seed: int = 1, until: Instant | None = None) -> Iterator[Conversation]:
    """Conversations of the twelve months before ``until``, by start time."""
    until = clock.now() if until is None else until
    chance = Random(f"{count} {seed} {until}").random  # noqa: S311 - repeatable on purpose
    people = max(1, round(count * PEOPLE))
    returns: list[_Return] = []
    for number, start in enumerate(starts(count, until, chance)):
        before = _due(returns, start)
        if before:
            dialogue = _continued(before, start)
        else:
            dialogue = _begun(person(seed, int(chance() * people)), start, chance)
            if not dialogue.settled and dialogue.scene.serious and chance() < 0.45:
                heappush(returns, _Return(start.at + int((0.08 + chance() * 0.7) * DAY), number, dialogue))
        yield _finished(dialogue, _id(start), until)


def _due(returns: list[_Return], start: Start) -> Dialogue | None:
    """The conversation whose customer comes back now, if any does within a day of it."""
    while returns and returns[0].due <= start.at:
        before = heappop(returns).before
        passed = start.at - before.at * SECOND
        if 0 < passed < DAY and (before.channel == "email" or _open(start)):
            return before
    return None


def _open(start: Start) -> bool:
    """Agents answer by day only."""
    return _OPENS <= start.hour < _CLOSES


def _id(start: Start) -> str:
    """Start and a code that is different for every conversation of a day."""
    more, low = divmod(start.number, _CODES)
    day = start.day
    code = (low * _SPREAD + day.toordinal() * 77_777) % _CODES
    text = "".join([_SYMBOLS[code >> shift & 31] for shift in (15, 10, 5, 0)])
    time = f"{start.hour:02}{start.second // 60 % 60:02}"
    return f"{day.year}{day.month:02}{day.day:02}-{time}-{text}{more or ''}"


def _channel(who: Person, start: Start, chance: Chance) -> str:
    """Mostly their first one; nobody answers the telephone at night."""
    channel = who.channels[0] if chance() < 0.5 else pick(who.channels, chance)
    if channel == "phone" and not _open(start):
        return next((other for other in who.channels if other != "phone"), channel)
    return channel


def _begun(who: Person, start: Start, chance: Chance) -> Dialogue:
    """A new matter."""
    channel = _channel(who, start, chance)
    medium = channel if channel in {"phone", "email"} else "chat"
    scene = _PROGRAMMES[medium, is_sale(start.day)].draw(chance)
    dialogue = Dialogue(scene, who, channel, Slots(scene, who, start, chance), settled=chance() < scene.resolves)
    if channel == "email":
        _write_letters(dialogue)
    elif channel == "phone":
        _call(dialogue)
    else:
        _chat(dialogue, by_night=not _open(start))
    return dialogue


def _chat(dialogue: Dialogue, *, by_night: bool) -> None:
    luck = dialogue.chance()
    if luck < (0.6 if by_night else 0.07):
        dialogue.meet_bot(ask_for_human=False)
        dialogue.end_with_bot()
    elif by_night or luck < 0.11:
        dialogue.settled = False
        dialogue.open()
        dialogue.wait_in_vain(phrases.CLOSED if by_night else phrases.QUEUE)
    else:
        if luck > 0.76:
            dialogue.meet_bot(ask_for_human=True)
        else:
            dialogue.open()
        _talk(dialogue)


def _talk(dialogue: Dialogue) -> None:
    """An agent answers and the scene takes its course."""
    chance, scene = dialogue.chance, dialogue.scene
    other = "g1" if scene.group == "g2" else "g2"
    luck = chance()
    dialogue.assign(other if luck < 0.05 else scene.group)
    dialogue.greet()
    transfer_to = scene.group if luck < 0.09 else ""
    dialogue.play(transfer_to=transfer_to, ask=bool(scene.asks) and chance() < 0.06)
    dialogue.say_goodbye()
    if chance() < 0.045 and (dialogue.settled or scene.serious):
        dialogue.reopen()


def _call(dialogue: Dialogue) -> None:
    dialogue.assign(dialogue.scene.group)
    dialogue.greet()
    dialogue.open()
    dialogue.play(ask=bool(dialogue.scene.asks) and dialogue.chance() < 0.08)
    dialogue.say_goodbye()
    dialogue.hang_up()


def _write_letters(dialogue: Dialogue) -> None:
    dialogue.open()
    dialogue.acknowledge()
    dialogue.assign(dialogue.scene.group)
    dialogue.play()


def _continued(before: Dialogue, start: Start) -> Dialogue:
    """The same customer about the same matter, perhaps on another channel."""
    settled = before.chance() < 0.6
    slots = before.slots.again(start)
    dialogue = Dialogue(before.scene, before.who, _channel_again(before, start), slots, settled=settled)
    dialogue.plot = before.plot
    if dialogue.channel == "phone":
        dialogue.assign(before.scene.group)
        dialogue.greet()
        dialogue.open_again()
    else:
        dialogue.open_again()
        if dialogue.channel == "email":
            dialogue.acknowledge()
        dialogue.assign(before.scene.group)
        dialogue.greet()
    dialogue.play_again()
    dialogue.say_goodbye()
    if dialogue.channel == "phone":
        dialogue.hang_up()
    return dialogue


def _channel_again(before: Dialogue, start: Start) -> str:
    if before.channel == "email":
        return "email"
    usable = [c for c in before.who.channels if c != "email" and (c != "phone" or _open(start))]
    return pick(usable or [before.channel], before.chance)


def _finished(dialogue: Dialogue, conversation_id: str, until: Instant) -> Conversation:
    """The conversation as its source would send it at that time: nothing of it lies later."""
    ended, ending = facts.of_ending(dialogue)
    given = {
        **facts.of_matter(dialogue),
        **facts.of_agents(dialogue),
        **facts.of_customer(dialogue.who, dialogue.channel, dialogue.chance),
        **facts.of_origin(dialogue.who, dialogue.channel, dialogue.chance),
        "started_at": (dialogue.slots.start.at,),
    }
    if dialogue.chance() < _still_open(dialogue, until) or ended > until:
        given.pop("summary", None)
    else:
        given |= ending
    said = [message for message in dialogue.messages if message.at is not None and message.at <= until]
    return build(conversation_id, given, said, facts.names(dialogue))


def _still_open(dialogue: Dialogue, until: Instant) -> float:
    """How likely nobody has closed it yet: the younger, the likelier."""
    days = (until - dialogue.at * SECOND) / DAY
    if dialogue.settled or dialogue.channel == "phone" or not dialogue.agents:
        return 0.0
    return 0.9 if days < 1 else 0.6 if days < 4 else 0.3 if days < 21 else 0.0
