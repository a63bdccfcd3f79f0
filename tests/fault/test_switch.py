"""While the index is rebuilt and switched, every answer is the right one."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event

from meiqia_search.acl.scope import Scoped
from meiqia_search.query.filter import EVERYTHING, Not, Term, Text
from meiqia_search.query.meaning import Subject
from meiqia_search.query.request import Search, Sort
from meiqia_search.settings import Settings
from tests import oracle
from tests.contract.world import ids
from tests.corpus import PRINCIPALS, corpus, indexed
from tests.people import scope_of
from tests.store import opened

SWITCHES = 4
THREADS = 2
WHERE = (EVERYTHING, Text("退款"), Text("物流", exact=True), Term("channel", ("web", "wechat")), Not(Text("您好")))


def test_answers_during_rebuilds(place: Settings) -> None:
    conversations = indexed(corpus())
    subjects = [Subject(each) for each in conversations]
    with opened(place) as store:
        store.put(conversations)
        done = Event()

        def ask(seed: int) -> int:
            random, asked = Random(seed), 0
            while not done.is_set() or asked < 20:
                search = Search(random.choice(WHERE), random.choice((Sort(), Sort("rating"))), 100)
                scoped = Scoped(search, scope_of(random.choice(PRINCIPALS[:9])))
                page = store.index.reader.search(scoped, 30)
                expected = oracle.found(scoped, subjects)
                assert (page.total, ids(page)) == (len(expected), expected[:100])
                asked += 1
            return asked

        with ThreadPoolExecutor(THREADS) as pool:
            asking = [pool.submit(ask, seed) for seed in range(THREADS)]
            try:
                for _ in range(SWITCHES):
                    assert store.rebuild() == len(conversations)
            finally:
                done.set()
            assert all(each.result() for each in asking)
