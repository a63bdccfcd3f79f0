"""The command line with nothing looked for in texts on their way into the index: what the masking of an import costs.

``python -m benchmarks.unmasked --data FOLDER import FILE``. The helping processes import this module too.
"""

import msgspec

from meiqia_search.cli.main import run
from meiqia_search.conversation import Conversation
from meiqia_search.fields import FIELDS
from meiqia_search.indexing import preparing

_PERSONAL = frozenset(name for name, field in FIELDS.items() if field.personal)


def _without_personal_fields(conversations: list[Conversation]) -> list[Conversation]:
    return [
        msgspec.structs.replace(each, facts={name: of for name, of in each.facts.items() if name not in _PERSONAL})
        for each in conversations
    ]


preparing.all_for_index = _without_personal_fields  # type: ignore[assignment]

if __name__ == "__main__":
    run()
