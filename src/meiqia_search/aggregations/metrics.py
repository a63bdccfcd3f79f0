"""What is measured of one conversation when it comes in; every number about many is made of these."""

from collections.abc import Iterator

import msgspec

from meiqia_search import clock
from meiqia_search.conversation import Conversation, Message, Speaker
from meiqia_search.fields import Value

_MEDIA = frozenset({"photo", "audio", "video", "file"})


def measured(conversation: Conversation) -> Conversation:
    """The conversation with its measures among the facts, in place of whatever the source said under these names."""
    facts = dict(conversation.facts)
    for name, value in _measures(conversation):
        if value is None:
            facts.pop(name, None)
        else:
            facts[name] = (value,)
    return msgspec.structs.replace(conversation, facts=facts)


def _measures(conversation: Conversation) -> Iterator[tuple[str, Value | None]]:
    messages = conversation.messages
    speakers = [message.speaker for message in messages]
    customers, agents = speakers.count(Speaker.CUSTOMER), speakers.count(Speaker.AGENT)
    yield "messages", len(messages)
    yield "customer_messages", customers
    yield "agent_messages", agents
    yield "bot_messages", speakers.count(Speaker.BOT)
    yield "attachments", len([message for message in messages if message.kind in _MEDIA]) or None
    yield "effective", "yes" if customers and agents else "no"
    yield "duration", _duration(conversation)
    gaps = list(response_gaps(conversation))
    yield "first_response", _seconds(gaps[0]) if gaps and _customer_began(messages) else None
    yield "average_response", _seconds(sum(gaps) // len(gaps)) if gaps else None


def _seconds(microseconds: int) -> int:
    return microseconds // clock.SECOND


def _duration(conversation: Conversation) -> int | None:
    start, end = conversation.number("started_at"), conversation.number("ended_at")
    return _seconds(end - start) if start is not None and end is not None and end >= start else None


def _customer_began(messages: tuple[Message, ...]) -> bool:
    first = next((m.speaker for m in messages if m.speaker in {Speaker.CUSTOMER, Speaker.AGENT}), None)
    return first is Speaker.CUSTOMER


def response_gaps(conversation: Conversation) -> Iterator[int]:
    """Microseconds from each waiting customer to the next answer of a human agent.

    Consecutive messages of the customer count once. While the bot answers nobody waits for a human: the first wait
    begins at the hand-over (the bot's last message before the agent), if that is later than the customer's message.
    """
    waiting: int | None = None
    answered = False
    for message in conversation.messages:
        if message.at is None:
            continue
        match message.speaker:
            case Speaker.CUSTOMER if waiting is None:
                waiting = message.at
            case Speaker.BOT if waiting is not None and not answered:
                waiting = message.at
            case Speaker.AGENT if waiting is not None:
                yield message.at - waiting
                waiting, answered = None, True
            case _:
                pass
