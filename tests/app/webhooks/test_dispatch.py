"""What becomes of events: spread, tried again by a clock that tests turn, given up, and never sent twice at once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from app.webhooks import courier, deliveries, dispatch
from app.webhooks.courier import Courier
from app.webhooks.dispatch import Outcome
from app.webhooks.models import Delivery, DeliveryAttempt, Webhook
from core import db, events
from core.events import Event
from tests.app.identity.people import erase, mails
from tests.app.webhooks.place import AT, WITHDRAWN, Place, headers
from tests.core.receivers import ok, receiving
from tests.doors import Doors

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def take(place: Place, free: int = 99) -> list[dispatch.Parcel]:
    with db.unit(place.doors.house.sessions) as session:
        return dispatch.take(session, free=free, at=place.clock.now())


def spread(place: Place) -> int:
    with db.unit(place.doors.house.sessions) as session:
        return dispatch.spread(session, at=place.clock.now())


def settle(place: Place, parcel: dispatch.Parcel, status: int = 200, *, took_ms: int = 5) -> None:
    outcome = Outcome(place.clock.now(), took_ms, status)
    with db.unit(place.doors.house.sessions) as session:
        dispatch.settle(session, parcel=parcel, outcome=outcome, post=place.doors.house.post)


def count(place: Place, table: type[db.Base]) -> int:
    with place.doors.house.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_event_reaches_whom_it_concerns_and_who_chose_it(place: Place) -> None:
    other = Place(place.doors, place.receiver)
    place.clock = place.doors.house.clock = other.clock
    both, withdrawn = place.webhook("license.revoked", "work.withdrawn"), place.webhook()
    theirs = other.webhook("license.revoked", "work.withdrawn")
    place.told("license.revoked", place.person, place.person)
    place.told("work.withdrawn")
    place.told("report.accepted", place.person)
    assert spread(place) == 3
    assert spread(place) == 0
    assert sorted(one["kind"] for one in place.deliveries(both)) == ["license.revoked", "work.withdrawn"]
    assert [one["kind"] for one in place.deliveries(withdrawn)] == ["work.withdrawn"]
    assert [one["kind"] for one in other.deliveries(theirs)] == ["work.withdrawn"]
    assert other.client.get(f"/v1/webhooks/{both['id']}/deliveries").status_code == 404


def test_an_event_that_was_not_committed_is_not_told(place: Place) -> None:
    place.webhook()
    with place.doors.house.sessions() as session:
        events.tell(session, "work.withdrawn", data=WITHDRAWN, everyone=True, at=AT)
        assert place.turn() == 0
        session.rollback()
    assert place.turn() == 0


def test_ten_tries_over_three_days_then_it_has_failed(doors: Doors) -> None:
    with receiving(ok(status="503 Busy")) as receiver:
        place = Place(doors, receiver)
        webhook = place.webhook()
        place.told()
        place.turn()
        gaps = []
        while place.deliveries(webhook)[0]["state"] == "waiting":
            with doors.house.sessions() as session:
                due = session.scalars(select(Delivery.due_at)).one()
                rested = session.scalars(select(Webhook.rest_until)).one()
            gaps.append((due - place.clock.now()).total_seconds())
            place.clock.at = max(due, rested or due) - timedelta(milliseconds=1)
            assert place.turn() == 0  # a moment early
            place.clock.advance(timedelta(milliseconds=1))
            assert place.turn() == 1
    schedule = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert all(wait <= gap <= 1.2 * wait for wait, gap in zip(schedule, gaps, strict=True))
    assert (len(receiver.asked), place.deliveries(webhook)[0]["attempts"]) == (10, 10)
    assert place.client.post(f"/v1/webhooks/{webhook['id']}/replays", json={"since": AT.isoformat()}).json() == {
        "replayed": 1
    }
    assert place.deliveries(webhook)[0]["state"] == "waiting"


def test_gone_disables_at_once_and_says_so(doors: Doors) -> None:
    with receiving(ok(status="410 Gone")) as receiver:
        place = Place(doors, receiver)
        webhook = place.webhook()
        place.told(times=3)
        place.turn()
        assert (place.health(webhook)["state"], place.health(webhook)["because"]) == ("disabled", "gone")
        assert {one["state"] for one in place.deliveries(webhook)} == {"failed"}
        place.told()
        place.clock.advance(DAY)
        place.turn()
    assert len(receiver.asked) == 2  # those that were on their way together
    assert len(place.deliveries(webhook)) == 3
    assert [mail.subject for mail in mails(doors, place.email)][-1] == "A webhook of yours was disabled"


def test_five_days_of_failing_disable_and_nothing_is_missed(doors: Doors) -> None:
    with receiving(ok(status="302 Found")) as receiver:
        place = Place(doors, receiver)
        webhook = place.webhook()
        for _ in range(3):
            place.told()
            place.turn()
            place.clock.advance(3 * DAY)
        assert place.health(webhook)["because"] == "failing"
        assert place.deliveries(webhook, state="waiting") == []
    assert len(place.deliveries(webhook, state="failed")) == 3
    assert "redirects" in place.deliveries(webhook)[-1]["last"]["failure"]
    enabled = place.client.patch(f"/v1/webhooks/{webhook['id']}", json={"enabled": True}).json()
    assert enabled["health"]["state"] == "ok"


def test_a_redirect_is_never_followed(doors: Doors) -> None:
    with receiving() as inside, receiving(ok(b"", f"Location: {inside.url(host='127.0.0.1')}", status="307 On")) as out:
        place = Place(doors, out)
        place.webhook()
        place.told()
        place.turn()
    assert (len(out.asked), len(inside.asked)) == (1, 0)


def test_an_address_that_leads_inward_by_now_is_not_asked(place: Place) -> None:
    webhook = place.webhook()
    place.doors.house.network = place.receiver.network("127.0.0.1", "10.0.0.1")
    place.told()
    place.turn()
    assert place.receiver.asked == []
    assert "public internet" in place.deliveries(webhook)[0]["last"]["failure"]


def test_a_server_may_ask_for_peace(doors: Doors) -> None:
    with receiving(ok(b"", "Retry-After: 7200", status="429 Slow down"), ok()) as receiver:
        place = Place(doors, receiver)
        place.webhook()
        place.told(times=2)
        place.turn()
        place.clock.advance(timedelta(minutes=119))
        assert place.turn() == 0
        place.clock.advance(timedelta(minutes=2))
        assert place.turn() == 1
    assert len(receiver.asked) <= 3


def test_few_at_once_to_each_and_one_where_it_fails(place: Place) -> None:
    hooks = [place.webhook(host=f"{n}.test") for n in range(4)]
    place.told(times=5)
    spread(place)
    parcels = take(place)
    assert len(parcels) == dispatch.AT_ONCE_EACH
    assert {parcel.webhook for parcel in parcels} == {hook["id"] for hook in hooks[:2]}
    assert take(place) == []
    for parcel in parcels:
        settle(place, parcel, 200 if parcel.webhook == hooks[0]["id"] else 500)
    assert {parcel.webhook for parcel in take(place)} == {hook["id"] for hook in hooks[2:]}
    place.clock.advance(timedelta(seconds=30))
    with db.unit(place.doors.house.sessions) as session:
        session.execute(update(Delivery).values(leased_until=None))
        session.execute(
            update(Webhook).where(Webhook.id != hooks[1]["id"]).values(disabled_at=AT, disabled_because="owner")
        )
    assert len(take(place)) == 1


def test_who_has_much_under_way_keeps_nobody_else_from_a_turn(place: Place) -> None:
    other = Place(place.doors, place.receiver)
    for n in range(6):
        place.webhook(host=f"{n}.test")
    theirs = other.webhook()
    place.clock = other.clock
    place.told()
    spread(place)
    with db.unit(place.doors.house.sessions) as session:  # served before: it would come last
        session.execute(update(Webhook).where(Webhook.id == theirs["id"]).values(served_at=AT))
    assert len(take(place, 4)) == dispatch.AT_ONCE_EACH
    assert [parcel.webhook for parcel in take(place, 1)] == [theirs["id"]]


def test_waits_count_from_the_end_of_an_attempt(place: Place) -> None:
    webhook = place.webhook()
    place.told()
    spread(place)
    settle(place, take(place)[0], 504, took_ms=15_000)
    (waiting,) = place.deliveries(webhook)
    assert waiting["due_at"] >= (AT + timedelta(seconds=20)).isoformat()
    place.clock.advance(timedelta(seconds=19))
    assert take(place) == []


def test_two_that_take_get_different_ones(place: Place) -> None:
    place.webhook()
    place.told(times=2)
    spread(place)
    house = place.doors.house
    with db.unit(house.sessions) as one, db.unit(house.sessions) as another:
        first = dispatch.take(one, free=1, at=AT)
        assert dispatch.take(another, free=1, at=AT) == []  # the webhook is held
    second = take(place, 1)
    assert len({parcel.delivery for parcel in first + second}) == 2
    assert take(place) == []


def test_what_a_dead_worker_held_is_sent_again_and_its_late_word_does_not_count(place: Place) -> None:
    webhook = place.webhook()
    place.told()
    spread(place)
    (dead,) = take(place)
    assert take(place) == []
    with db.unit(place.doors.house.sessions) as session:
        session.execute(update(Delivery).values(leased_until=text("now() - interval '1 second'")))
    (alive,) = take(place)
    assert (dead.event, dead.number, alive.number) == (alive.event, 1, 2)
    settle(place, dead, 500)
    assert place.deliveries(webhook)[0]["state"] == "waiting"
    assert place.health(webhook)["state"] == "ok"
    settle(place, alive)
    assert place.deliveries(webhook)[0]["state"] == "delivered"


def test_what_was_removed_meanwhile_stays_removed(place: Place) -> None:
    webhook = place.webhook()
    place.told()
    spread(place)
    (parcel,) = take(place)
    place.client.delete(f"/v1/webhooks/{webhook['id']}")
    settle(place, parcel)
    assert count(place, DeliveryAttempt) == count(place, Delivery) == 0


def test_with_an_account_its_webhooks_go(place: Place) -> None:
    place.webhook()
    place.told()
    spread(place)
    (parcel,) = take(place)
    erase(place.client)
    assert count(place, Webhook) == count(place, Delivery) == 0
    assert courier.send(place.doors.house, parcel).failure is not None  # its secret is gone, too
    assert place.receiver.asked == []


def test_events_stay_as_they_were_told_and_go_after_thirty_days(place: Place) -> None:
    place.webhook()
    place.told(times=2)
    place.turn()
    for change in ("kind = 'ping'", "spread_at = NULL"):
        with pytest.raises(DBAPIError, match="stays as it was told"), db.unit(place.doors.house.sessions) as session:
            session.execute(text(f"UPDATE events SET {change}"))
    for after, left in ((deliveries.KEPT, 2), (timedelta(seconds=1), 0)):
        place.clock.advance(after)
        with db.unit(place.doors.house.sessions) as session:
            deliveries.tidy(session, at=place.clock.now())
        assert count(place, Event) == count(place, Delivery) == left


def test_two_couriers_send_each_once(place: Place) -> None:
    hooks = [place.webhook(host=f"{n}.test") for n in range(2)]
    place.told(times=10)
    with Courier(place.doors.house), Courier(place.doors.house):
        until = time.monotonic() + 20
        while any(len(place.deliveries(hook, state="delivered")) < 10 for hook in hooks):
            assert time.monotonic() < until, place.deliveries(hooks[0])
            time.sleep(0.02)
    sent = Counter((headers(request)["webhook-id"], headers(request)["host"]) for request in place.receiver.asked)
    assert (len(sent), set(sent.values())) == (20, {1})


def waiting(held: threading.Event) -> Iterator[bytes]:
    held.wait(5)
    yield ok()


def test_a_slow_server_keeps_nobody_else_waiting(doors: Doors) -> None:
    held, arrived = threading.Event(), threading.Event()

    def noting() -> Iterator[bytes]:
        arrived.set()
        yield ok()

    with receiving(waiting(held)) as slow, receiving(noting()) as quick:
        place = Place(doors, slow)
        dragging = place.webhook()
        both = {slow.port, quick.port}
        doors.house.network = type(doors.house.network)(
            doors.house.network.private, frozenset(both), doors.house.network.resolve
        )
        place.receiver = quick
        place.webhook()
        place.told()
        with Courier(doors.house):
            assert arrived.wait(5)
            assert place.deliveries(dragging)[0]["state"] == "waiting"
            held.set()
    assert place.deliveries(dragging)[0]["state"] == "delivered"  # the end waits for what is on its way
