"""Playing a scene: who says what, when, with bots, transfers, photos and closings."""

from datetime import timedelta

from meiqia_search import clock
from meiqia_search.channels.demo import phrases
from meiqia_search.channels.demo.chance import Chance, pick
from meiqia_search.channels.demo.company import Agent, company
from meiqia_search.channels.demo.people import Person
from meiqia_search.channels.demo.scene import Plot, Scene
from meiqia_search.channels.demo.script import Template, Turn, render, variant
from meiqia_search.channels.demo.slots import Slots
from meiqia_search.channels.demo.voices import Voice, voice
from meiqia_search.clock import SECOND
from meiqia_search.conversation import Message, Speaker

BOT = "智能客服"
_AGENTS = company().agents
_GROUP = {group.id: [agent for agent in _AGENTS if agent.group == group.id] for group in company().groups}
_ENDS = "。！？!?~…～，,、）)"
_PARTICLES = frozenset("哦哈呢呀啦吧吗~")
_OFFICE = 9, 21
_WRITTEN = frozenset({"web", "wechat", "app"})


class Dialogue:
    """One conversation while it is being written; the parts of ``generate.py`` call its methods in order."""

    def __init__(self, scene: Scene, who: Person, channel: str, slots: Slots, *, settled: bool) -> None:
        self.scene = scene
        self.plot: Plot = pick(scene.plots, slots.chance)
        self.who = who
        self.channel = channel
        self.slots = slots
        self.chance: Chance = slots.chance
        self.settled = settled
        self.at = slots.start.at // SECOND
        self.messages: list[Message] = []
        self.agents: list[Agent] = []
        self.first_wait: int | None = None
        self.transfers = self.attachments = 0
        self.handed_over = self.reopened = self.missed = self.lost = False
        self._voice: Voice

    # who speaks

    def assign(self, group: str) -> None:
        """An agent of the group takes the conversation."""
        others = [agent for agent in _GROUP[group] if agent not in self.agents]
        agent = pick(others, self.chance)
        self.agents.append(agent)
        self._voice = voice(agent)
        self.slots["agent"] = agent.name
        formal = self.channel in {"phone", "email"}
        self.slots["call"] = self.slots["sir"] if formal else self._said(self._voice.calls)

    @property
    def agent(self) -> Agent:
        """Who has it now."""
        return self.agents[-1]

    # what is said

    def _said(self, options: tuple[Template, ...]) -> str:
        return render(pick(options, self.chance), self.slots, self.chance)

    def customer(self, text: str) -> None:
        """The customer says something, in their way: at times in two goes."""
        first, _, rest = text.partition("，")
        if rest and len(text) > 12 and self.channel in _WRITTEN and self.chance() < 0.16:
            self._type(first)
            self._type(rest)
        else:
            self._type(text)

    def _type(self, text: str) -> None:
        self._pass(4 + len(text) * 0.3, 75)
        self._add(Speaker.CUSTOMER, self._in_their_way(text))

    def bot(self, text: str) -> None:
        """The bot answers at once."""
        self.at += bool(self.messages)
        self._add(Speaker.BOT, text, name=BOT)

    def system(self, text: str) -> None:
        """A line nobody says."""
        self.at += 1
        self._add(Speaker.SYSTEM, text)

    def answer(self, text: str) -> None:
        """The agent says something, in their way."""
        before = self.at
        self._wait_for_agent(len(text))
        if self.first_wait is None:
            self.first_wait = self.at - before
        if self.channel in {"phone", "email"}:
            text = phrases.without_signs(text) if self.channel == "phone" else text
        elif text.endswith("。") and text[-2] not in _PARTICLES:
            text = text[:-1] + pick(self._voice.tails, self.chance)
        self._add(Speaker.AGENT, text, agent=self.agent.id, name=self.agent.name)

    def _wait_for_agent(self, length: int) -> None:
        if self.channel == "phone":
            self._pass(length * 0.45, 3)
        elif self.channel == "email":
            self._pass(1_500, 64_000)
            self._till_morning()
        else:
            slow = 9 if self.chance() < (0.1 if self.first_wait is None else 0.04) else 1
            self._pass((5 + length * 0.35) * self._voice.pace, 55 * self._voice.pace * slow)

    def _till_morning(self) -> None:
        """Letters are answered by day."""
        now = clock.local(self.at * SECOND)
        if not _OFFICE[0] <= now.hour < _OFFICE[1]:
            nine = now.replace(hour=9, minute=0, second=0) + timedelta(days=now.hour >= _OFFICE[1])
            self.at = int(nine.timestamp()) + int(self.chance() * 5_000)

    def _pass(self, least: float, spread: float) -> None:
        """Time goes by: mostly little more than the least, seldom the whole spread."""
        if self.channel == "phone":
            least, spread = 1 + least * 0.4, min(spread, 4)
        elif self.channel == "email":
            least, spread = 1_500, 64_000
        luck = self.chance()
        if self.messages:
            self.at += max(1, int(least + spread * luck * luck))

    def _add(self, speaker: Speaker, text: str, *, agent: str = "", name: str = "") -> None:
        self.messages.append(Message(speaker, text, self.at * SECOND, agent=agent, name=name))

    def _attach(self, turn: Turn) -> None:
        """A photo or file; in a photo's turn by the customer, a file's by the agent."""
        photo = turn.who == "P"
        name = variant(turn, self.slots, self.chance)[0]
        self.at += 3 + int(self.chance() * 35)
        if self.channel == "email":
            self.at -= 2
        self.attachments += 1
        url = f"https://files.example.com/{self.at % 1_000_000:06}/{self.attachments}"
        speaker, agent = (Speaker.CUSTOMER, "") if photo else (Speaker.AGENT, self.agent.id)
        shown = "" if photo else self.agent.name
        kind = "photo" if photo else "file"
        self.messages.append(Message(speaker, name, self.at * SECOND, kind, agent=agent, name=shown, url=url))

    def _in_their_way(self, text: str) -> str:
        """Endings, emoji and slips of the pen; on the telephone, how people speak."""
        if self.channel == "email":
            return text
        if self.channel == "phone":
            first = all(message.speaker is not Speaker.CUSTOMER for message in self.messages)
            return phrases.spoken(text, self.chance, first=first)
        luck = self.chance()
        if luck < 0.04:
            text = phrases.slip(text, self.chance)
        elif luck < 0.42 and text[-1] not in _ENDS and len(text) > 2 and not text[-1].isascii():
            text += self.who.ending
        elif luck > 0.93 and len(text) > 4:
            text += pick(phrases.GLAD if self.settled else phrases.CROSS, self.chance)
        return text

    # the parts of a conversation

    def open(self) -> None:
        """The customer says why they come."""
        if self.channel in _WRITTEN and self.chance() < 0.3:
            self.customer(self._said(phrases.HELLO))
        for turn in self.plot.opening:
            self._play(turn)

    def open_again(self) -> None:
        """The customer comes back about the same matter."""
        letter = self.channel == "email"
        self.customer(self._said(phrases.AGAIN_LETTER if letter else phrases.AGAIN))
        if not letter and self.chance() < 0.5:
            self.customer(self._said(phrases.AGAIN_MORE))

    def greet(self) -> None:
        """The agent says hello."""
        if self.channel == "phone":
            self.answer(self._said(phrases.PHONE_HELLO))
        elif self.channel != "email" and self.chance() < 0.8:
            self.answer(self._said(self._voice.greetings))

    def play(self, *, transfer_to: str = "", ask: bool = False) -> None:
        """The scene itself, with a transfer and a question for personal data where wanted."""
        answers = 0
        for turn in self.plot.rest[self.settled]:
            if transfer_to and turn.who == "A" and not self.transfers:
                self.transfer(transfer_to)
            if not self._play(turn) or turn.who != "A":
                continue
            answers += 1
            if answers == 1 and ask:
                self.ask()

    def play_again(self) -> None:
        """What comes of it when the customer asks once more."""
        self._hold()
        letter = self.channel == "email"
        if self.settled:
            self.answer(self._said(phrases.DONE_LETTER if letter else phrases.DONE))
        else:
            self.answer(self._said(phrases.SORRY_LETTER if letter else phrases.SORRY_AGAIN))

    def _play(self, turn: Turn) -> bool:
        if turn.share < 1 and self.chance() >= turn.share:
            return False
        if (turn.chat or turn.who == "P") and self.channel == "phone":
            return False
        if turn.who in "PF":
            self._attach(turn)
        elif turn.who == "H":
            self._hold()
        else:
            say = self.customer if turn.who == "C" else self.answer
            for text in variant(turn, self.slots, self.chance):
                say(text)
        return True

    def _hold(self) -> None:
        if self.channel != "email":
            self.answer(self._said(self._voice.holds))
            self.at += 12 + int(self.chance() * 80)

    def ask(self) -> None:
        """The agent needs personal data, the customer gives them."""
        question, reply = phrases.ASKS[pick(self.scene.asks, self.chance)]
        self.answer(self._said(question))
        for text in self._said(reply).split(" / "):
            self.customer(text)

    def transfer(self, group: str) -> None:
        """Another agent of the group takes over."""
        before = self.agent.name
        self.answer(self._said(phrases.TRANSFER))
        self.assign(group)
        self.system(f"{before} 将会话转接给 {self.agent.name}")
        self.transfers += 1
        self.answer(self._said(self._voice.takeovers))

    def acknowledge(self) -> None:
        """A letter is confirmed at once."""
        self.bot("【自动回复】您的来信我们已收到，将在 24 小时内由专人回复，请勿重复发送。")

    def say_goodbye(self) -> None:
        """How it ends, if not in silence."""
        if self.channel == "email":
            return
        luck = self.chance()
        if self.settled and luck < 0.75:
            self.customer(self._said(phrases.THANKS))
        elif not self.settled and self.scene.serious and luck < 0.4:
            self.customer(self._said(phrases.GIVE_UP))
        if self.chance() < 0.8:
            sorry = phrases.PARTING_SORRY if self.scene.serious else phrases.PARTING
            self.answer(self._said(self._voice.farewells if self.settled else sorry))

    def meet_bot(self, *, ask_for_human: bool) -> None:
        """The bot greets, hears the question and answers it."""
        self.bot(self._said(phrases.BOT_HELLO))
        self.open()
        self._bot_answers()
        if ask_for_human:
            self.customer(self._said(phrases.HUMAN_PLEASE))
            self.system(self._said(phrases.HANDING_OVER))
            self.handed_over = True

    def _bot_answers(self) -> None:
        bot = self.plot.bot
        if bot and self.chance() < 0.8:
            self.bot(variant(bot, self.slots, self.chance)[0])
        else:
            self.bot(self._said(phrases.BOT_LOST))
            self.lost = True

    def end_with_bot(self) -> None:
        """Nobody comes: the customer is content with the bot, or gives up."""
        self.settled = not self.lost and self.chance() < 0.7
        self.customer(self._said(phrases.BOT_HELPED if self.settled else phrases.BOT_USELESS))
        self.bot(self._said(phrases.BOT_BYE))

    def wait_in_vain(self, notice: tuple[Template, ...]) -> None:
        """Nobody answers; the notice says why."""
        self.missed = True
        self.system(self._said(notice))
        self.at += 120 + int(self.chance() * 300)
        self.customer(self._said(phrases.ANYBODY))
        if self.chance() < 0.4:
            self.customer(self._said(phrases.LEAVING))
        self.at += 420
        self.system(self._said(phrases.NOBODY))

    def reopen(self) -> None:
        """After a pause the customer has one more thing."""
        self.reopened = True
        self.at += 1_200 + int(self.chance() * 9_000)
        self.system("客户重新打开了会话")
        self.customer(self._said(phrases.ONE_MORE if self.settled else phrases.STILL_NOT))
        self.answer(self._said(phrases.LOOKING_AGAIN if self.settled else phrases.SORRY_AGAIN))
        self.customer(self._said(phrases.THANKS if self.settled else phrases.GIVE_UP))

    def hang_up(self) -> None:
        """The telephone system notes how long the call was."""
        minutes, seconds = divmod(self.at - self.slots.start.at // SECOND, 60)
        self.system(f"通话结束，通话时长 {minutes} 分 {seconds:02} 秒")
