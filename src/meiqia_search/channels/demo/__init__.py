"""An invented company and its conversations, for trying things out and for measuring."""

from meiqia_search.channels.demo.company import Agent, Company, Group, company
from meiqia_search.channels.demo.generate import conversations

__all__ = ["Agent", "Company", "Group", "company", "conversations"]
