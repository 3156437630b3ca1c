"""The page over a searcher that answers as a test tells it to."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.support.fake_searcher import FakeLive, FakeSearcher
from tests.support.serving import app_over


@pytest.fixture
def fake() -> FakeSearcher:
    return FakeSearcher()


@pytest.fixture
def live(fake: FakeSearcher) -> FakeLive:
    return FakeLive(fake)


@pytest.fixture
def client(live: FakeLive) -> Iterator[TestClient]:
    with TestClient(app_over(live), raise_server_exceptions=False) as client:
        yield client
