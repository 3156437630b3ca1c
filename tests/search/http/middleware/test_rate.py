"""How many requests a client may send, and what one client is."""

import multiprocessing
from multiprocessing.queues import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.http.middleware import rate
from search.http.middleware.rate import RateLimit, client_of


class Clock:
    """A time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_of_requests_at_once_and_then_one_at_a_time() -> None:
    clock = Clock()
    limit = RateLimit(6, clock)
    assert [limit.wait("a") for _ in range(6)] == [0] * 6
    assert limit.wait("a") == pytest.approx(10)
    assert limit.wait("a") == pytest.approx(10)
    assert limit.wait("b") == 0
    clock.now += 9
    assert limit.wait("a") == pytest.approx(1)
    clock.now += 1
    assert limit.wait("a") == 0
    assert limit.wait("a") == pytest.approx(10)
    clock.now += 3600
    assert [limit.wait("a") > 0 for _ in range(7)] == [False] * 6 + [True]


@given(
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from("ab")), max_size=150),
)
def test_a_rate_is_a_bucket_of_tokens(a_minute: int, requests: list[tuple[int, str]]) -> None:
    clock = Clock()
    limit = RateLimit(a_minute, clock)
    # Counted in whole parts of a token: a millisecond brings `a_minute` of 60,000.
    tokens = dict.fromkeys("ab", a_minute * 60_000)
    for pause, client in requests:
        clock.now += pause / 1000
        tokens = {name: min(a_minute * 60_000, left + pause * a_minute)
                  for name, left in tokens.items()}  # fmt: skip
        wait = limit.wait(client)
        assert (wait == 0) == (tokens[client] >= 60_000)
        if wait:
            missing = (60_000 - tokens[client]) / a_minute / 1000
            assert wait == pytest.approx(missing, abs=1e-3)
        else:
            tokens[client] -= 60_000


def test_who_may_send_the_most_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "SETS", 1)
    monkeypatch.setattr(rate, "WAYS", 3)
    limit = RateLimit(2, Clock())
    assert [limit.wait(client) for client in "abcac"] == [0] * 5
    # In the place of b, which could have sent one more.
    assert limit.wait("d") == 0
    assert limit.wait("a") == pytest.approx(30)
    assert limit.wait("c") == pytest.approx(30)
    assert [limit.wait("b") for _ in range(2)] == [0] * 2


def test_a_rate_is_that_of_all_processes() -> None:
    limit = RateLimit(20)
    fork = multiprocessing.get_context("fork")

    def ask(allowed: "SimpleQueue[int]") -> None:
        allowed.put(sum(limit.wait("a") == 0 for _ in range(15)))

    allowed: SimpleQueue[int] = fork.SimpleQueue()
    processes = [fork.Process(target=ask, args=(allowed,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sum(allowed.get() for _ in processes) == 20
    assert limit.wait("a") > 0


def test_what_one_client_is() -> None:
    assert client_of("203.0.113.7") == "203.0.113.7"
    assert client_of("::ffff:203.0.113.7") == "203.0.113.7"
    assert client_of("2001:db8:1:2::3") == client_of("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert client_of("2001:db8:1:3::3") == "2001:db8:1:3::/64"
    assert client_of("testclient") == "testclient"
    assert len(client_of("x" * 100_000)) == 64
