"""The registry: recorded once, withdrawn once, found when it is copied; and the database keeps what was recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from attribution import fingerprint, registry
from attribution.claim import Licensed
from attribution.models import RecordedClaim, StoredFingerprint
from attribution.registry import AlreadyRecorded, ClaimMissing
from core import db, ids
from core.errors import NotFound
from core.media import Picture
from tests.attribution import made
from tests.attribution.made import AT, COPIES, House, photograph, stylized
from tests.fakes import texture

LATER = AT + timedelta(days=1)
REFUSED = IntegrityError


def count(session: Session, table: type[db.Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def upload(session: Session, picture: Picture, owner: str) -> str:
    asset = ids.new("ast")
    registry.register_asset(session, asset=asset, owner=owner, fingerprint=fingerprint.of(picture))
    return asset


def screened(session: Session, picture: Picture, owner: str = "cre_me") -> list[tuple[str, str]]:
    hits = registry.screen(session, fingerprint.of(picture), owner=owner)
    assert all(0.9 < hit.confidence <= 1 for hit in hits)
    return [(hit.asset, hit.owner) for hit in hits]


def test_a_work_is_recorded_with_its_claim_and_fingerprint(house: House) -> None:
    sealed = house.record(stylized(1), photograph())
    row = registry.find(house.session, work=sealed.claim.work)
    assert (row.document, row.file_sha256, row.recorded_at) == (sealed.claim.document(), sealed.sha256, AT)
    assert row.iscc == sealed.iscc
    stored = house.session.get_one(StoredFingerprint, sealed.claim.work)
    assert (stored.owner, stored.samples_sha256) == (sealed.claim.licensee, sealed.media.sha256)
    assert stored.content is not None
    assert len(stored.sheet) + len(stored.content) < 50_000


def test_recording_twice_is_recording_once(house: House) -> None:
    sealed = house.record(texture(1))
    registry.record(house.session, sealed, at=LATER)
    assert (count(house.session, RecordedClaim), count(house.session, StoredFingerprint)) == (1, 1)
    assert registry.find(house.session, work=sealed.claim.work).recorded_at == AT
    with pytest.raises(AlreadyRecorded):
        registry.record(house.session, replace(sealed, data=sealed.data + b"x"), at=LATER)


def test_of_two_that_record_a_work_at_once_one_does(sessions: db.Sessions, tmp_path: Path) -> None:
    with db.unit(sessions) as session:
        sealed = House(session, tmp_path).seal(texture(1))
    together, failed = threading.Barrier(2), []

    def record() -> None:
        try:
            with db.unit(sessions) as session:
                together.wait(timeout=20)
                registry.record(session, sealed, at=AT)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=record) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failed == []
    with db.unit(sessions) as session:
        assert (count(session, RecordedClaim), count(session, StoredFingerprint)) == (1, 1)


def test_what_was_not_committed_was_never_recorded(sessions: db.Sessions, tmp_path: Path) -> None:
    with sessions() as session:
        sealed = House(session, tmp_path).record(texture(1))
        session.rollback()
    with db.unit(sessions) as session, pytest.raises(ClaimMissing):
        registry.find(session, work=sealed.claim.work)


def test_withdrawing_by_license_or_style_finds_every_work_that_rests_on_it(house: House) -> None:
    ada, eve = (Licensed(ids.new("lic"), ids.new("sty"), ids.new("cre"), name, "0" * 64) for name in ("Ada", "Eve"))
    again = replace(ada, license=ids.new("lic"))
    grounds = {"ada": (ada,), "again": (again,), "both": (ada, eve), "eve": (eve,)}
    works = {name: house.record(texture(i), licenses=x).claim.work for i, (name, x) in enumerate(grounds.items())}
    session = house.session
    assert registry.withdraw(session, licenses=[ids.new("lic")], reason="x", at=LATER) == ()
    assert registry.withdraw(session, licenses=[ada.license], reason="enough", at=LATER) == (
        works["ada"],
        works["both"],
    )
    assert registry.withdraw(session, styles=[ada.style], reason="more", at=LATER) == (works["again"],)
    assert registry.withdraw(session, styles=[ada.style], reason="more", at=LATER) == ()
    reasons = {name: registry.find(session, work=work).withdrawn_reason for name, work in works.items()}
    assert reasons == {"ada": "enough", "both": "enough", "again": "more", "eve": None}


def test_withdrawing_nothing_withdraws_nothing(house: House) -> None:
    house.record(texture(1))
    assert registry.withdraw(house.session, reason="x", at=LATER) == ()


def test_uploads_that_are_copies_are_found(session: Session) -> None:
    """Re-saved, resized, cut, mirrored, brighter: of a photograph and of a painting-like picture."""
    for original in (photograph("flower"), stylized(3)):
        asset = upload(session, original, "cre_ada")
        assert screened(session, original) == [(asset, "cre_ada")]
        for way, copy in COPIES.items():
            assert screened(session, made.reopened(copy(original))) == [(asset, "cre_ada")], way


def test_uploads_that_differ_are_not_held(session: Session) -> None:
    upload(session, stylized(1), "cre_ada")
    for other in (stylized(2), stylized(4), photograph(), photograph("flower"), texture(1, height=384, width=512)):
        assert screened(session, other) == []


def test_a_copy_of_a_work_is_found_as_its_licensees(house: House) -> None:
    sealed = house.record(stylized(1), photograph())
    copy = made.reopened(COPIES["jpeg 60 at half size"](stylized(1)))
    assert screened(house.session, copy) == [(sealed.claim.work, sealed.claim.licensee)]
    assert screened(house.session, photograph()) == []


def test_what_belongs_to_others_comes_first(session: Session) -> None:
    mine, theirs = (upload(session, stylized(1), owner) for owner in ("cre_me", "cre_you"))
    assert screened(session, stylized(1)) == [(theirs, "cre_you"), (mine, "cre_me")]


def test_an_asset_is_registered_once(session: Session) -> None:
    asset = upload(session, texture(1), "cre_ada")
    with pytest.raises(AlreadyRecorded):
        registry.register_asset(session, asset=asset, owner="cre_ada", fingerprint=fingerprint.of(texture(2)))
    with pytest.raises(NotFound):
        registry.register_asset(session, asset="x", owner="cre_ada", fingerprint=fingerprint.of(texture(2)))


CHANGES: dict[str, Callable[[str], object]] = {
    "another claim": lambda work: update(RecordedClaim).values(document={"work": work, "licenses": []}),
    "another file": lambda work: update(RecordedClaim).values(file_sha256="0"),
    "fewer styles": lambda work: update(RecordedClaim).values(styles=[]),
    "a reason without a date": lambda work: update(RecordedClaim).values(withdrawn_reason="x"),
    "no claim": lambda work: delete(RecordedClaim),
    "another fingerprint": lambda work: update(StoredFingerprint).values(owner="x"),
    "no fingerprint": lambda work: delete(StoredFingerprint),
    "no claims at all": lambda work: text("TRUNCATE claims CASCADE"),
    "no fingerprints at all": lambda work: text("TRUNCATE fingerprints"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_keeps_what_was_recorded(house: House, change: str) -> None:
    work = house.record(texture(1)).claim.work
    with pytest.raises(REFUSED), house.session.begin_nested():
        house.session.execute(CHANGES[change](work))  # type: ignore[call-overload]
    assert registry.find(house.session, work=work).withdrawn_at is None


def test_a_withdrawal_is_never_taken_back(house: House) -> None:
    sealed = house.record(texture(1))
    registry.withdraw(house.session, licenses=[sealed.claim.licenses[0].license], reason="enough", at=LATER)
    for values in ({"withdrawn_at": None, "withdrawn_reason": None}, {"withdrawn_reason": "other"}):
        with pytest.raises(REFUSED), house.session.begin_nested():
            house.session.execute(update(RecordedClaim).values(values))


def test_the_columns_a_revocation_looks_in_say_what_the_claim_says(house: House) -> None:
    sealed = house.record(texture(1))
    found = registry.find(house.session, work=sealed.claim.work)
    facts = {name: getattr(found, name) for name in ("document", "file_sha256", "iscc", "recorded_at")}
    for wrong in ({"licenses": ["lic_x"], "styles": found.styles}, {"licenses": found.licenses, "styles": ["sty_x"]}):
        row = {"work": ids.new("wrk"), **facts, **wrong}
        with pytest.raises(IntegrityError, match="ck_claims_document"), house.session.begin_nested():
            house.session.execute(insert(RecordedClaim).values(row))
