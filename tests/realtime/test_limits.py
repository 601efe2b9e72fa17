import pytest

from realtime.limits import BURST, SOCKETS_PER_PERSON, Places, TokenBucket

pytestmark = pytest.mark.pure


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_ten_a_second() -> None:
    clock = Clock()
    bucket = TokenBucket(clock)
    assert all(bucket.take() for _ in range(int(BURST)))
    assert not bucket.take()
    clock.now += 0.1
    assert bucket.take()
    assert not bucket.take()


def test_a_long_silence_saves_up_one_burst_and_no_more() -> None:
    clock = Clock()
    bucket = TokenBucket(clock)
    clock.now += 3600
    assert sum(bucket.take() for _ in range(100)) == BURST


def test_a_person_has_five_places_and_gets_them_back() -> None:
    places = Places()
    assert all(places.take(7) for _ in range(SOCKETS_PER_PERSON))
    assert not places.take(7)
    assert places.take(8)
    places.leave(7)
    assert places.take(7)


def test_visitors_are_not_counted() -> None:
    places = Places()
    assert all(places.take(None) for _ in range(SOCKETS_PER_PERSON * 2))
