"""A bucket gives what it holds and fills steadily; turns are given one by one, and nobody waits without end."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.limits import HOUR, AllBusy, Buckets, Hourly, Meter, Quota, TooManyRequests, Turns, network

QUOTA = Quota("default", 60)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_minutes_units_may_be_taken_at_once_and_no_more() -> None:
    buckets = Buckets(now=Hands())
    assert [buckets.take("bob", QUOTA, 20).allowed for _ in range(4)] == [True, True, True, False]


def test_a_refusal_takes_nothing_and_says_how_long_to_wait() -> None:
    hands = Hands()
    buckets = Buckets(now=hands)
    buckets.take("bob", QUOTA, 55)
    refused = buckets.take("bob", QUOTA, 10)
    assert (refused.allowed, refused.remaining, refused.wait) == (False, 5, 5)
    hands.at += refused.wait
    assert buckets.take("bob", QUOTA, 10).allowed


def test_clients_are_counted_apart() -> None:
    buckets = Buckets(now=Hands())
    buckets.take("bob", QUOTA, 60)
    assert buckets.take("eve", QUOTA, 60).allowed
    assert not buckets.take("bob", QUOTA, 1).allowed


def test_what_is_dearer_than_a_minute_takes_the_whole_minute() -> None:
    buckets = Buckets(now=Hands())
    assert buckets.take("bob", QUOTA, 500).allowed
    assert not buckets.take("bob", QUOTA, 1).allowed


def test_only_so_many_clients_are_remembered_the_latest_of_them() -> None:
    buckets = Buckets(most=100, now=Hands())
    for number in range(1000):
        buckets.take(f"client {number}", QUOTA, 60)
    assert len(buckets) == 100
    assert not buckets.take("client 999", QUOTA, 1).allowed
    assert buckets.take("client 1", QUOTA, 1).allowed


@given(steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 30)), max_size=60))
def test_no_more_is_given_than_a_minute_holds_and_time_brought(steps: list[tuple[float, int]]) -> None:
    hands = Hands()
    buckets, given_out = Buckets(now=hands), 0
    for pause, cost in steps:
        hands.at += pause
        taken = buckets.take("bob", QUOTA, cost)
        given_out += cost if taken.allowed else 0
        assert 0 <= taken.remaining <= QUOTA.units
        assert 0 <= taken.reset <= 60
        assert given_out <= QUOTA.units + hands.at + 1e-6


def test_a_meter_takes_only_what_is_not_paid_yet() -> None:
    meter = Meter(Buckets(now=Hands()), "bob", QUOTA)
    meter.costs(1)
    meter.costs(10)
    meter.costs(10)
    assert meter.headers() == {"RateLimit-Policy": '"default";q=60;w=60', "RateLimit": '"default";r=50;t=10'}


def test_a_free_request_takes_nothing_but_tells_what_is_left() -> None:
    meter = Meter(Buckets(now=Hands()), "bob", QUOTA)
    meter.costs(0)
    assert meter.headers()["RateLimit"] == '"default";r=60;t=0'


def test_a_meter_refuses_with_the_seconds_to_wait() -> None:
    buckets = Buckets(now=Hands())
    buckets.take("bob", QUOTA, 60)
    with pytest.raises(TooManyRequests, match="wait 10 s") as refusal:
        Meter(buckets, "bob", QUOTA).costs(10)
    assert refusal.value.facts["retry_after"] == 10


def test_without_a_limit_nothing_is_counted() -> None:
    buckets = Buckets(now=Hands())
    meter = Meter(buckets, "bob", Quota("default", 0))
    meter.costs(10)
    assert (len(buckets), meter.headers()) == (0, {})


def test_turns_are_given_to_so_many_at_once_and_the_rest_are_sent_away() -> None:
    turns = Turns(1, queue=1, seconds=0.2)
    inside, leave = threading.Event(), threading.Event()
    done: list[str] = []

    def hold() -> None:
        with turns.turn():
            inside.set()
            leave.wait(5)
        done.append("held")

    def wait() -> None:
        with turns.turn():
            done.append("waited")

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(5)
    with pytest.raises(AllBusy), turns.turn():  # waits its time out
        pass
    waiter = threading.Thread(target=wait)
    waiter.start()
    leave.set()
    holder.join(5)
    waiter.join(5)
    assert sorted(done) == ["held", "waited"]


def test_beyond_the_queue_nobody_waits() -> None:
    turns = Turns(1, queue=0, seconds=60)
    with turns.turn(), pytest.raises(AllBusy) as refusal, turns.turn():
        pass
    assert refusal.value.facts["retry_after"] == 60
    with turns.turn():
        pass


def test_a_turn_is_given_back_when_its_work_fails() -> None:
    turns = Turns(1, queue=0, seconds=0)
    with pytest.raises(RuntimeError), turns.turn():
        raise RuntimeError
    with turns.turn():
        pass


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_counted_as_its_household(address: str, counted_as: str) -> None:
    assert network(address) == counted_as


def test_different_askings_about_a_thing_are_counted_for_an_hour() -> None:
    hands = Hands()
    hourly = Hourly(now=hands)
    assert [hourly.count("a work", file) for file in ("a", "b", "a", "c")] == [1, 2, 2, 3]
    assert hourly.count("another", "a") == 1
    hands.at = HOUR - 1
    assert hourly.count("a work", "d") == 4
    hands.at = HOUR
    assert hourly.count("a work", "e") == 2  # of the first three none is of this hour


def test_counting_takes_bounded_memory() -> None:
    hourly = Hourly(most=2, each=3, now=Hands())
    assert max(hourly.count("a work", str(n)) for n in range(50)) == 4
    for work in ("b", "c"):
        hourly.count(work, "a")
    assert hourly.count("a work", "0") == 1  # it was the one asked about longest ago
