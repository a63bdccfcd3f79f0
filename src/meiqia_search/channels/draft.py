"""A conversation while it is being read: agents and groups by id or, where there is none, by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from meiqia_search.conversation import Conversation, Message, Speaker, build
from meiqia_search.fields import Value


@dataclass(slots=True)
class Draft:
    """What is known so far; :meth:`finish` adds who took part and when it began."""

    facts: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    agents: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    known_as: dict[str, str] = field(default_factory=dict)
    """Name of an agent → id."""

    def agent(self, agent_id: str, *names: str) -> str:
        """Note an agent; of several names the first is shown, all are recognised. Returns the id, '' for nobody."""
        named = [name for name in names if name]
        agent_id = agent_id or next((self.known_as[name] for name in named if name in self.known_as), "")
        if not agent_id and not named:
            return ""
        agent_id = agent_id or named[0]
        if named and not self.agents.get(agent_id):
            self.agents[agent_id] = named[0]
        self.agents.setdefault(agent_id, "")
        for name in named:
            self.known_as.setdefault(name, agent_id)
        return agent_id

    def group(self, group_id: str, name: str) -> None:
        """Note a group of agents."""
        if group_id or name:
            self.groups[group_id or name] = name or self.groups.get(group_id, "")

    def finish(self, conversation_id: str) -> Conversation:
        """The checked conversation. Agent messages without a name are by the only agent there is, if there is one."""
        if self.agents:
            self.facts["agent"] = tuple(dict.fromkeys((*self.facts.get("agent", ()), *self.agents)))
            self.facts.setdefault("owner", (next(iter(self.agents)),))
        if self.groups:
            self.facts["group"] = tuple(dict.fromkeys((*self.facts.get("group", ()), *self.groups)))
        self._begin()
        named = {"agent": _named(self.agents.items()), "group": _named(self.groups.items())}
        return build(conversation_id, self.facts, self._attributed(), named)

    def _begin(self) -> None:
        """A source that does not say when it began had its first message then."""
        if "started_at" not in self.facts:
            times = [message.at for message in self.messages if message.at is not None]
            if times:
                self.facts["started_at"] = (min(times),)

    def _attributed(self) -> list[Message]:
        if len(self.agents) != 1:
            return self.messages
        [(only, name)] = self.agents.items()
        return [_by(message, only, name) for message in self.messages]


def _by(message: Message, agent: str, name: str) -> Message:
    if message.speaker is not Speaker.AGENT or message.agent:
        return message
    return Message(message.speaker, message.text, message.at, message.kind, message.type, agent, name, message.url)


def _named(known: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {key: name for key, name in known if name}
