"""Clients of the service: of one that some may ask, of one without an index."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from search.http.access import Access
from search.http.api import create_api
from search.live import LiveSearcher
from tests.conftest import settings_for
from tests.support.fakes import FakeEmbedder
from tests.support.keys import ADMIN
from tests.support.serving import app_over

Open = Callable[..., TestClient]


@pytest.fixture
def open_client(corpus_index: Path, fake_model: FakeEmbedder) -> Iterator[Open]:
    """A client of a service with its page, for some `Access`."""
    opened: list[TestClient] = []

    def client(access: Access) -> TestClient:
        app = app_over(LiveSearcher(settings_for(corpus_index)), access)

        @app.get("/v1/broken")
        def broken() -> None:
            raise ZeroDivisionError("secret detail")

        opened.append(TestClient(app, raise_server_exceptions=False).__enter__())
        return opened[-1]

    yield client
    for each in opened:
        each.__exit__(None, None, None)


@pytest.fixture
def live_client(index: Path, fake_model: FakeEmbedder) -> Iterator[TestClient]:
    """A client of a service whose index does not exist yet."""
    api = create_api(LiveSearcher(settings_for(index)), 2, Access(admin_key=ADMIN))
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client
