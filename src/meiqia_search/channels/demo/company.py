"""The invented company: an online shop with two groups of four agents."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A group of agents."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who answers customers; ``group`` is the id of the group they belong to."""

    id: str
    name: str
    account: str
    group: str


@dataclass(frozen=True, slots=True)
class Company:
    """Who works there."""

    groups: tuple[Group, ...]
    agents: tuple[Agent, ...]


PRESALES = Group("g1", "售前组")
AFTERSALES = Group("g2", "售后组")

_COMPANY = Company(
    (PRESALES, AFTERSALES),
    (
        Agent("k01", "小林", "xiaolin@example.com", "g1"),
        Agent("k02", "苗苗", "miaomiao@example.com", "g1"),
        Agent("k03", "陈思远", "chensiyuan@example.com", "g1"),
        Agent("k04", "阿珍", "azhen@example.com", "g1"),
        Agent("k05", "小王", "xiaowang@example.com", "g2"),
        Agent("k06", "刘洋", "liuyang@example.com", "g2"),
        Agent("k07", "周敏", "zhoumin@example.com", "g2"),
        Agent("k08", "大鹏", "dapeng@example.com", "g2"),
    ),
)


def company() -> Company:
    """The company all demo conversations belong to."""
    return _COMPANY
