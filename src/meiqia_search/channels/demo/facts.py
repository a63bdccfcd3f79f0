"""What a source would send along with a demo conversation: classification, result, customer and origin."""

from collections.abc import Mapping

from meiqia_search.channels.demo.chance import Chance, pick
from meiqia_search.channels.demo.company import company
from meiqia_search.channels.demo.dialogue import Dialogue
from meiqia_search.channels.demo.people import Person
from meiqia_search.channels.demo.script import render, templates
from meiqia_search.clock import SECOND
from meiqia_search.fields import Value

Facts = dict[str, tuple[Value, ...]]

_GROUPS: Mapping[str, str] = {group.id: group.name for group in company().groups}
_ENGINES = ("百度", "百度", "必应", "搜狗", "360搜索")
_COMPUTERS = (("Windows 10", "Chrome"), ("Windows 11", "Edge"), ("Windows 11", "Chrome"), ("macOS 14", "Safari"))
_HANDSETS = (
    ("iOS 17", "微信内置"),
    ("Android 14", "微信内置"),
    ("Android 13", "微信内置"),
    ("HarmonyOS 4", "微信内置"),
)
_COMMENTS = {
    "good": templates("""
        [客服|{agent}][态度很好|很有耐心|很专业]，[问题解决了|很满意|给个赞]
        [回复快|响应及时]，[解决得干脆|服务到位|省心]
        [{matter}处理得很及时|说话算数]，[会再来的|推荐]
        [不错|满意|挺好的|给力][！|，谢谢|]
    """),
    "fair": templates("""
        [等得有点久|回复有点慢]，[其他还行|总算解决了]
        [一般|还可以]，[{matter}还没完全弄好|希望快一点]
        [客服态度还行|人不错]，[就是权限太小|流程太长]
    """),
    "poor": templates("""
        [{matter}拖了这么久|问题没解决]，[太失望|差评|不会再买]
        [态度敷衍|一直让等]，[踢皮球|没人负责|完全没用]
        [回复太慢|等半天没人理]，[体验很差|再也不来了]
        [同一件事说了三遍|每次换人都要重讲]，[服务差|累]
    """),
}


def of_matter(dialogue: Dialogue) -> Facts:
    """What it was about."""
    scene, slots, chance = dialogue.scene, dialogue.slots, dialogue.chance
    facts: Facts = {
        "channel": (dialogue.channel,),
        "type": (scene.type,),
        "category": (scene.category,),
        "topic": (scene.topic,),
        "tag": scene.tags if chance() < 0.7 else scene.tags[:1],
    }
    if dialogue.agents and chance() < 0.78:
        facts["summary"] = (render(pick(dialogue.plot.summaries[dialogue.settled], chance), slots, chance),)
    if dialogue.channel == "email" and dialogue.plot.subjects:
        facts["subject"] = (render(pick(dialogue.plot.subjects, chance), slots, chance),)
    return facts


def of_agents(dialogue: Dialogue) -> Facts:
    """Who answered, and how quickly the source says they did."""
    agents = dialogue.agents
    yes_no = ("no", "yes")
    facts: Facts = {
        "agent": tuple(agent.id for agent in agents),
        "group": tuple(agent.group for agent in agents),
        "bot_handover": (yes_no[dialogue.handed_over],),
        "missed": (yes_no[dialogue.missed],),
        "reopened": (yes_no[dialogue.reopened],),
        "transfers": (dialogue.transfers,),
        "attachments": (dialogue.attachments,),
    }
    if agents:
        facts["owner"] = (dialogue.agent.id,)
        facts["agent_account"] = (dialogue.agent.account,)
    if dialogue.first_wait is not None and dialogue.channel != "phone" and dialogue.chance() < 0.6:
        off = 0 if dialogue.chance() < 0.8 else int(dialogue.chance() * 5) - 2
        facts["source_first_response"] = (max(0, dialogue.first_wait + off),)
    return facts


def names(dialogue: Dialogue) -> dict[str, dict[str, str]]:
    """What the source calls the agents and groups."""
    return {
        "agent": {agent.id: agent.name for agent in dialogue.agents},
        "group": {agent.group: _GROUPS[agent.group] for agent in dialogue.agents},
    }


def of_ending(dialogue: Dialogue) -> tuple[int, Facts]:
    """When it ended, and what is known of it from then on."""
    chance = dialogue.chance
    how = "timeout" if not dialogue.agents else pick(("agent",) * 5 + ("customer",) * 2 + ("timeout",) * 3, chance)
    if dialogue.channel == "phone":
        how = "customer" if chance() < 0.7 else "agent"
    tail = 600 if how == "timeout" else 2 + int(chance() * 40)
    ended = (dialogue.at + tail) * SECOND
    facts: Facts = {"ended_at": (ended,), "closed_by": (how,)}
    if chance() < 0.93:
        facts["outcome"] = ("resolved" if dialogue.settled else "unresolved",)
    if dialogue.agents and chance() < 0.47:
        facts |= _of_rating(dialogue)
    return ended, facts


def _of_rating(dialogue: Dialogue) -> Facts:
    slots, chance = dialogue.slots, dialogue.chance
    mood = (0.9 if dialogue.settled else 0.34) + chance() * 0.5 - 0.25
    mood -= min(dialogue.first_wait or 0, 600) / 1500 if dialogue.channel != "email" else 0
    rating = "good" if mood > 0.62 else "fair" if mood > 0.36 else "poor"
    facts: Facts = {"rating": (rating,)}
    if chance() < (0.22 if rating == "good" else 0.45):
        facts["rating_comment"] = (render(pick(_COMMENTS[rating], chance), slots, chance),)
    return facts


def of_customer(who: Person, channel: str, chance: Chance) -> Facts:
    """The customer's card as far as this channel knows it: the id differs per channel, other handles connect them."""
    account = who.accounts[channel]
    facts: Facts = {"customer": (account,), "region": (who.region,), "customer_kind": (who.kind,)}
    if who.tag:
        facts["customer_tag"] = (who.tag,)
    known = ord(account[-1]) % 10  # the same at every visit
    if channel == "phone" or known < 6:
        facts["phone"] = (who.phone,)
    if channel == "email" or known in {2, 6}:
        facts["email"] = (who.email,)
    if channel == "app" or (channel != "phone" and known in {0, 3, 6, 7, 8}):
        facts["user_id"] = (who.user_id,)
    if channel == "wechat":
        facts["wechat_id"] = (who.wechat_id,)
    if channel == "email" or chance() < 0.6:
        facts["customer_name"] = (who.name,)
        facts["gender"] = (who.gender,)
    return facts


def of_origin(who: Person, channel: str, chance: Chance) -> Facts:
    """Device and the way that led here."""
    if channel == "web":
        return _of_web(who, chance)
    if channel not in {"app", "wechat"}:
        return {}
    os, browser = pick(_HANDSETS, chance)
    facts: Facts = {"ip": (who.ip,), "os": (os,), "source_type": ("公众号菜单" if channel == "wechat" else "App 内",)}
    if channel == "wechat":
        facts["browser"] = (browser,)
    return facts


def _of_web(who: Person, chance: Chance) -> Facts:
    os, browser = pick(_COMPUTERS, chance)
    item = 10_000 + int(chance() * 900)
    facts: Facts = {
        "ip": (who.ip,), "os": (os,), "browser": (browser,),
        "land_url": (f"https://shop.example.com/item/{item}",), "land_title": ("商品详情",),
        "conversation_url": (f"https://shop.example.com/item/{item}?chat=1",),
    }  # fmt: skip
    way = chance()
    if way < 0.34:
        facts |= {"source_type": ("搜索引擎",), "search_engine": (pick(_ENGINES, chance),)}
        facts["from_url"] = ("https://search.example.com/s?wd=shop",)
    elif way < 0.5:
        facts |= {"source_type": ("广告",), "campaign": (pick(("618主会场", "双11预热", "新人专享"), chance),)}
    elif way < 0.62:
        facts |= {"source_type": ("外部链接",), "from_url": ("https://blog.example.com/review",)}
    else:
        facts["source_type"] = ("直接访问",)
    return facts
