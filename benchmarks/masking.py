"""How well and how fast personal values are found: ``python -m benchmarks.masking``."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from statistics import median

from benchmarks.measure import record
from meiqia_search.channels.demo.generate import conversations
from meiqia_search.clock import Instant
from meiqia_search.conversation import Conversation
from meiqia_search.fields import FIELDS, Personal
from meiqia_search.privacy.detect import find, find_each
from meiqia_search.privacy.mask import Show
from meiqia_search.privacy.passage import all_for_index, for_person
from tests import independent
from tests.independent import HELD_OUT, TUNING
from tests.labelled import COUNT, lines, scores

UNTIL = Instant(1_793_505_600_000_000)
CONVERSATIONS = 3_000
TIMES = 5
SEED = 20_261_122
BATCH = 500
"""So many go into the index at once."""
_MASKED = dict.fromkeys(Personal, Show.MASKED)
_SHOWS = {name: Show.MASKED if field.personal else Show.CLEAR for name, field in FIELDS.items()}


def run() -> None:
    sets = {
        "": list(lines(COUNT)),
        ", independent": [line for part in (*TUNING, HELD_OUT) for line in independent.lines(part, seed=SEED)],
    }
    for name, labelled in sets.items():
        for kind, score in scores(labelled, find).items():
            print(f"{kind + name:23} recall {score.recall:.4f}  precision {score.precision:.4f}  n {score.wanted}")
            figures = {"wanted": score.wanted, "found": score.found}
            figures |= {"recall": score.recall, "precision": score.precision}
            record(f"masking: {kind}{name}", len(labelled), figures)
    talks = list(islice(conversations(CONVERSATIONS, until=UNTIL), CONVERSATIONS))
    messages = sum(len(each.messages) for each in talks)
    batches = [talks[start : start + BATCH] for start in range(0, len(talks), BATCH)]
    for name, work in _WAYS.items():
        speed = messages / _seconds(work, batches)
        print(f"{name:10} {speed:,.0f} messages/s")
        record(f"masking speed: {name}", messages, {"messages_per_s": speed})


def _seconds(work: Callable[[list[Conversation]], object], batches: Sequence[list[Conversation]]) -> float:
    """The median time of one core for all of them."""
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        for batch in batches:
            work(batch)
        times.append(time.process_time() - began)
    return median(times)


_WAYS: dict[str, Callable[[list[Conversation]], object]] = {
    "find": lambda talks: [find_each({message.text for message in talk.messages}) for talk in talks],
    "for_index": all_for_index,
    "for_person": lambda talks: [for_person(talk, _SHOWS, _MASKED) for talk in talks],
}


if __name__ == "__main__":
    run()
