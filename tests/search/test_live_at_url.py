"""Servers over an index at a URL take over what is sent, and answer of one generation each."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from indexer.errors import IndexMissing
from indexer.index_url import IndexUrl
from indexer.storage.lance.folder import LanceFolder
from indexer.storage.lance.sending import Sending
from search.live import LiveSearcher
from search.question.query import Query
from tests.conftest import Build, settings_for
from tests.support.corpus import CORPUS, generated
from tests.support.swaps import ONE, eventually, serves


@pytest.mark.usefixtures("fake_model")
def test_two_servers_follow_what_is_sent(build: Build, index: Path, tmp_path: Path) -> None:
    url = IndexUrl("file", str(tmp_path / "there"))
    query = Query(text="the", floor=0, mode="lexical", group="article")
    servers = [LiveSearcher(settings_for(url)) for _ in range(2)]
    with pytest.raises(IndexMissing):
        servers[0].current()
    for server in servers:
        server.follow()
    try:
        totals = {}
        for files in (ONE, CORPUS, CORPUS | generated(5), ONE):
            generation = build(files).generation
            Sending(url, index, keep=2).send()
            _all_serve(servers, generation)
            with ThreadPoolExecutor(4) as pool:
                found = list(pool.map(lambda n: servers[n % 2].current().search(query), range(16)))
            # No answer is of two generations.
            assert {each.generation for each in found} == {generation}
            assert len({each.total for each in found}) == 1
            totals[generation] = found[0].total
        first = LanceFolder(url).roll_back().id
        _all_serve(servers, first)
        assert servers[1].current().search(query).total == totals[first]
        assert all(server.refused == 0 for server in servers)
    finally:
        for server in servers:
            server.stop()


def _all_serve(servers: list[LiveSearcher], generation: str | None) -> None:
    for server in servers:
        eventually(partial(serves, server, generation))
