"""A creator's existing works: sealed as theirs, found again as theirs, refused where somebody was first."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import plucked
from app.identity.models import Account
from attribution import registry, verify
from attribution.models import RecordedClaim
from attribution.tools import Tools
from core import encode, encode_sound, ids
from core.decode import picture_of
from core.errors import NotFound
from core.media import Picture, Sound
from creators import ownworks
from creators.models import Creator
from creators.ownworks import LEAST_LONG, AlreadyRegistered, TooSmall
from licensing import grounds
from payments import income
from tests.attribution.made import AT, COPIES, stylized
from tests.fakes import within


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools.within(tmp_path)


def profile(session: Session, name: str) -> Creator:
    return ownworks.profile(session, name=name, accounts=select(Account.person), at=AT)


def registered(session: Session, tools: Tools, media: Picture | Sound, *, name: str = "Ada Marsh") -> RecordedClaim:
    who = profile(session, name)
    kind = "image/png" if isinstance(media, Picture) else "audio/flac"
    sealed = ownworks.sealed(media, creator=who, title="A mill", kind=kind, tools=tools, at=AT)
    (tools.chain.folder.parent / "sealed").write_bytes(sealed.data)
    work = ownworks.register(session, sealed=sealed, creator=who, at=AT)
    return session.get_one(RecordedClaim, work)


def ask(session: Session, tools: Tools, data: bytes | None = None) -> verify.Finding:
    path = tools.chain.folder.parent / "sealed"
    if data is not None:
        path.write_bytes(data)
    return verify.verify(within(session), path, tools=tools)


def test_a_registered_work_is_proven_and_its_copies_are_recovered(session: Session, tools: Tools) -> None:
    row = registered(session, tools, stylized(3))
    proven = ask(session, tools)
    assert (proven.identification, proven.work, proven.payable) == ("proven", row.work, True)
    path = tools.chain.folder.parent / "sealed"
    copy = COPIES["cut, halved, jpeg 60"](picture_of(path.read_bytes()))
    found = ask(session, tools, copy)
    assert (found.identification, found.work, found.payable) == ("recovered", row.work, True)
    verdict = grounds.answer(session, found, use="publish", at=AT)
    assert (verdict.standing, verdict.permission) == ("unlicensed", "deny")
    assert ([x["name"] for x in verdict.licensors], verdict.licensee) == (["Ada Marsh"], None)


def test_who_comes_second_is_told_of_the_first(session: Session, tools: Tools) -> None:
    row = registered(session, tools, stylized(3))
    for name, whose in (("Ada Marsh", "you"), ("Eve Moss", "somebody else")):
        with pytest.raises(AlreadyRegistered, match=f"{row.work}, which {whose}"):
            registered(session, tools, stylized(3), name=name)


def test_of_what_is_large_enough_a_thumbnail_is_known_and_smaller_ones_are_refused(
    session: Session, tools: Tools
) -> None:
    row = registered(session, tools, stylized(3))
    thumbnail = encode.resize(stylized(3), LEAST_LONG)
    ownworks.check_size(thumbnail)
    with pytest.raises(AlreadyRegistered, match=row.work):
        registered(session, tools, thumbnail, name="Eve Moss")
    with pytest.raises(TooSmall, match="128 the long way"):
        ownworks.check_size(encode.resize(stylized(3), 90))


def test_a_profile_is_found_again_by_its_name(session: Session) -> None:
    first, second = (profile(session, "Ada Marsh") for _ in range(2))
    assert first.id == second.id
    assert session.query(Creator).count() == 1


def test_a_name_alone_never_means_somebody_with_an_account(session: Session) -> None:
    """Else whoever signs up under a known name is given that creator's works, and what they earn."""
    taken = profile(session, "Ada Marsh")
    session.add(Account(person=taken.person, email="eve@example.org", password_hash="", created_at=AT))
    session.flush()
    assert profile(session, "Ada Marsh").id != taken.id
    assert profile(session, taken.id).id == taken.id
    with pytest.raises(NotFound, match="no profile"):
        profile(session, ids.new("cre"))


def test_what_marks_of_own_works_are_read_against_goes_with_their_creator(session: Session, tools: Tools) -> None:
    row = registered(session, tools, stylized(3))
    assert registry.reference(session, work=row.work) is not None
    creator = row.document["contributions"][0]["licensor"]
    registry.forget_contents(session, works=registry.owned(session, owners=[creator]))
    assert registry.reference(session, work=row.work) is None


def test_what_a_work_of_ones_own_earns_is_ones_own(session: Session, tools: Tools) -> None:
    row = registered(session, tools, stylized(3))
    program = income.program_of(session, income.claim_of(session, work=row.work))
    creator = row.document["contributions"][0]["licensor"]
    assert [step.to for step in program.steps] == [f"creator:{creator}"]


def test_a_recording_is_registered_and_heard_in_a_part_of_it(session: Session, tools: Tools) -> None:
    row = registered(session, tools, plucked.recording(plucked.HARP, 1, seconds=24.0))
    path = tools.chain.folder.parent / "sealed"
    part = encode_sound.decoded(path.read_bytes()).part(6.0, 12.0)
    found = ask(session, tools, encode_sound.encoded(part, "mp3"))
    assert (found.work, found.identification) == (row.work, "recovered")
