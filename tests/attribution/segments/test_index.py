"""The index finds all that is committed, and nothing else, whoever searches: mapped files, Ray's actors, LanceDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from attribution.segments import codes, rows, store
from attribution.segments.models import LiveSegments, StoredFeatures
from attribution.segments.shelf import SearchUnfinished
from attribution.segments.store import Index
from core import db
from tests.attribution.segments.conftest import Opening
from tests.attribution.segments.made import add, code, find, name, names, register

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_what_is_committed_is_found_before_and_after_it_is_in_a_segment(index: Index, sessions: db.Sessions) -> None:
    add(sessions, *range(5))
    assert names(find(sessions, index, 3)) == [name(3)]
    assert find(sessions, index, 3)[0].score == 236
    assert index.flush() == 5
    assert index.flush() == 0
    add(sessions, 7)
    assert [names(find(sessions, index, n)) for n in (0, 3, 7, 99)] == [[name(0)], [name(3)], [name(7)], []]


def test_an_index_opened_later_knows_the_same(opening: Opening, sessions: db.Sessions) -> None:
    add(sessions, *range(4))
    first = opening()
    first.flush()
    add(sessions, 4)
    second = opening()
    for number in range(5):
        assert names(find(sessions, first, number)) == names(find(sessions, second, number)) == [name(number)]


def test_a_session_finds_its_own_rows_and_nobody_else_does_until_it_commits(
    index: Index, sessions: db.Sessions
) -> None:
    with sessions() as session:
        index.add(session, name(1), codes.pack(code(1)))
        assert names(index.search(session, code(1), most=1)) == [name(1)]
        assert find(sessions, index, 1) == []
        session.rollback()
    assert find(sessions, index, 1) == []


def test_a_row_that_is_committed_late_is_not_skipped(index: Index, sessions: db.Sessions) -> None:
    add(sessions, 1)
    with db.unit(sessions) as late:
        index.add(late, name(2), codes.pack(code(2)))
        add(sessions, 3)
        assert names(find(sessions, index, 3)) == [name(3)]
        assert index.flush() == 1  # what came after the transaction that goes on is left outside with it
        assert names(find(sessions, index, 3)) == [name(3)]
        assert find(sessions, index, 2) == []
    assert names(find(sessions, index, 2)) == [name(2)]
    assert index.flush() == 2
    assert [names(find(sessions, index, n)) for n in (1, 2, 3)] == [[name(n)] for n in (1, 2, 3)]


def test_many_flushes_leave_few_segments_and_the_files_of_old_ones_are_deleted(
    index: Index, sessions: db.Sessions
) -> None:
    for number in range(40):
        add(sessions, number)
        index.flush()
    with sessions() as session:
        stats = index.stats(session)
    assert stats.works == 40
    assert stats.waiting == 0
    assert stats.segments <= 4
    index._builder.sweep(older=-1)
    assert [names(find(sessions, index, n)) for n in range(40)] == [[name(n)] for n in range(40)]


def test_a_segment_holds_no_more_works_than_it_may(index: Index, sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:  # one transaction, so that its number alone cannot part them
        for number in range(12):
            register(session, number)
    index._builder._largest = 5
    assert index.flush() == 12
    with sessions() as session:
        assert index.stats(session).segments == 3
    assert [names(find(sessions, index, n)) for n in range(12)] == [[name(n)] for n in range(12)]
    assert index.rebuild() == 12
    assert [names(find(sessions, index, n)) for n in range(12)] == [[name(n)] for n in range(12)]


def test_what_is_removed_vanishes_at_once_and_for_good(opening: Opening, sessions: db.Sessions) -> None:
    index, other = opening(), opening()
    add(sessions, 1, 2)
    index.flush()
    add(sessions, 3)
    assert [names(find(sessions, other, n)) for n in (1, 2, 3)] == [[name(n)] for n in (1, 2, 3)]
    with sessions() as session:
        index.remove(session, [name(2)], at=AT)
        assert name(2) not in names(index.search(session, code(2)))
        session.rollback()
    assert names(find(sessions, index, 2)) == [name(2)]
    with db.unit(sessions) as session:
        index.remove(session, [name(1), name(3)], at=AT)
    for asked in (index, other, opening()):
        assert [names(find(sessions, asked, n)) for n in (1, 2, 3)] == [[], [name(2)], []]
    add(sessions, 1)
    assert find(sessions, index, 1) == []


def test_what_was_removed_does_not_take_the_places_of_others(index: Index, sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        for number in range(6):
            register(session, number, flipped=number, at=1)
    index.flush()
    with db.unit(sessions) as session:
        index.remove(session, [name(n) for n in range(4)], at=AT)
    assert names(find(sessions, index, 1, flipped=0, most=2)) == [name(4), name(5)]


def test_removed_features_leave_the_files_within_days(index: Index, sessions: db.Sessions) -> None:
    add(sessions, *range(100))
    index.flush()
    with db.unit(sessions) as session:
        index.remove(session, [name(1)], at=AT)
    index.maintain(at=AT + timedelta(days=1))
    assert _works(index, sessions) == 100
    index.maintain(at=AT + timedelta(days=8))
    assert _works(index, sessions) == 99
    with db.unit(sessions) as session:
        index.remove(session, [name(n) for n in range(2, 8)], at=AT)
    index.maintain(at=AT)  # so many are not waited with
    assert _works(index, sessions) == 93
    assert names(find(sessions, index, 99)) == [name(99)]
    assert find(sessions, index, 1) == []


def _works(index: Index, sessions: db.Sessions) -> int:
    with sessions() as session:
        return index.stats(session).works


def test_a_file_that_is_swept_while_it_is_searched_costs_a_second_look(opening: Opening, sessions: db.Sessions) -> None:
    add(sessions, 1, 2)
    index, other = opening(), opening()
    index.flush()
    with sessions() as session:
        other._look(session)  # it knows of the first segment, and has not opened it
    index.rebuild()
    index._builder.sweep(older=-1)
    assert names(find(sessions, other, 1)) == [name(1)]


def test_too_many_rows_outside_are_flushed_by_whoever_meets_them(
    opening: Opening, sessions: db.Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "TAIL", 10)
    with db.unit(sessions) as session:
        for number in range(11):
            register(session, number)
    index = opening()
    assert names(find(sessions, index, 4)) == [name(4)]
    assert _works(index, sessions) == 11


def test_maintaining_leaves_few_rows_where_they_are(index: Index, sessions: db.Sessions) -> None:
    add(sessions, 1, 2, 3)
    assert index.maintain(at=AT, least=4) == 0
    assert index.maintain(at=AT, least=3) == 3


def test_only_one_process_builds(opening: Opening, sessions: db.Sessions) -> None:
    add(sessions, 1)
    index, other = opening(), opening()
    with index._builder._alone() as alone:
        assert alone
        assert (other.flush(), other.rebuild()) == (0, 0)
    assert other.flush() == 1


def test_whoever_lost_the_lock_replaces_nothing(index: Index, sessions: db.Sessions) -> None:
    add(sessions, 1, 2)
    moment, before = index._builder._state()
    index.flush()
    assert not index._builder._publish(before, (), moment)
    assert not index._builder._publish(rows.Live(7, ()), (), moment)
    assert names(find(sessions, index, 1)) == [name(1)]


def test_a_search_says_when_its_time_did_not_suffice(index: Index, sessions: db.Sessions) -> None:
    add(sessions, 1)
    index.flush()
    with sessions() as session, pytest.raises(SearchUnfinished):
        index.search(session, code(1), budget=-1)


def test_a_restored_database_is_indexed_anew(opening: Opening, sessions: db.Sessions) -> None:
    """Numbers of transactions of another cluster say nothing here: they may be far ahead, or be given again."""
    add(sessions, 1, 2)
    index = opening()
    index.flush()
    with db.unit(sessions) as session:
        session.execute(text("UPDATE features SET tx = tx + 1000000000"))
        session.execute(text("UPDATE live_segments SET cluster = 'another'"))
    add(sessions, 3)
    for asked in (opening(), index):
        assert names(find(sessions, asked, 3)) == [name(3)]
    assert names(find(sessions, opening(), 1)) == [name(1)]
    assert index.flush() == 3
    with sessions() as session:
        assert session.query(LiveSegments).count() == 1
        assert session.query(StoredFeatures.tx).filter(StoredFeatures.tx > 1000000000).count() == 0
    assert [names(find(sessions, opening(), n)) for n in (1, 2, 3)] == [[name(n)] for n in (1, 2, 3)]


def test_kinds_and_algorithms_are_apart(opening: Opening, sessions: db.Sessions) -> None:
    add(sessions, 1)
    with db.unit(sessions) as session:
        rows.add(session, codes.body("code", "test.2"), name(2), codes.pack(code(2)))
    index = opening()
    assert find(sessions, index, 2) == []
    assert index.flush() == 1
    assert find(sessions, index, 2) == []
