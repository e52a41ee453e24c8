"""Token buckets of the web chat."""

from __future__ import annotations

from bot.channels.web.limits import Limiter, Rate


class Seconds:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_taken_and_what_follows_must_wait_a_named_time() -> None:
    seconds = Seconds()
    limiter = Limiter(Rate(burst=2, per_second=0.5), seconds)
    assert [limiter.take("a"), limiter.take("a"), limiter.take("a")] == [0, 0, 2]


def test_who_waits_so_long_is_taken_again() -> None:
    seconds = Seconds()
    limiter = Limiter(Rate(burst=1, per_second=0.5), seconds)
    limiter.take("a")
    seconds.now += limiter.take("a")
    assert limiter.take("a") == 0


def test_one_key_does_not_use_up_anothers_share() -> None:
    limiter = Limiter(Rate(burst=1, per_second=1), Seconds())
    assert [limiter.take("a"), limiter.take("b")] == [0, 0]


def test_rest_never_saves_up_more_than_the_burst() -> None:
    seconds = Seconds()
    limiter = Limiter(Rate(burst=2, per_second=1), seconds)
    limiter.take("a")
    seconds.now += 1000
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 1]


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    seconds = Seconds()
    limiter = Limiter(Rate(burst=1, per_second=1), seconds, kept=10)
    for number in range(1000):
        seconds.now += 1
        limiter.take(f"address {number}")
    assert len(limiter) <= 11


def test_a_token_that_is_given_back_can_be_taken_again() -> None:
    limiter = Limiter(Rate(burst=2, per_second=1), Seconds())
    limiter.take("a")
    limiter.give_back("a")
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 1]


def test_giving_back_never_saves_up_more_than_the_burst() -> None:
    limiter = Limiter(Rate(burst=1, per_second=1), Seconds())
    limiter.give_back("a")
    assert [limiter.take("a") for _ in range(2)] == [0, 1]
