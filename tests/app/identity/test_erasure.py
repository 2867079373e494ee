"""The end of an account: what is gone, what stays, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from app.auditing import audit_all
from app.identity import erasure, tasks
from app.identity.models import Account, ApiKey, Message, SignedIn
from attribution.models import KeptManifest, RecordedClaim, StoredFingerprint
from attribution.verify import verify
from core import db
from core.blobs import BlobMissing
from core.errors import NotFound
from core.keys import KeyErased
from core.money import Money
from core.uploads import Upload
from creators import erasing
from creators.models import Asset, Creator, Person
from generation.models import Work
from licensing import grounds, verdicts
from licensing.models import Offer
from payments import checkout, income, ledger
from payments.models import Charge, Entry
from payments.processors.rehearsal import RehearsalProcessor
from tests.app.identity.people import EMAIL, erase, problem, sign_in
from tests.creators import studio
from tests.doors import Doors
from tests.fakes import within


@dataclass
class Fan:
    """Someone with an account, a finished work made from their own photograph, and no money left."""

    doors: Doors
    client: TestClient
    person: str
    work: str
    photo: str
    file: bytes

    def row(self) -> Work:
        return self.doors.world.work(self.work)

    def asked(self, folder: Path, data: bytes | None = None) -> verdicts.Verdict:
        """What a platform is told of their work's file, or of another."""
        path = folder / "asked.png"
        path.write_bytes(self.file if data is None else data)
        with self.doors.house.sessions() as session:
            finding = verify(within(session), path, tools=self.doors.world.tools)
            return grounds.answer(session, finding, use="publish", territory="DE", at=self.doors.world.now)


def fan_with_work(doors: Doors, offer: Offer) -> Fan:
    client = doors.account(name="Bob Reed")
    person = client.get("/v1/me").json()["person"]
    world = doors.world
    with doors.house.sessions() as session:
        row = session.get_one(Person, person)
    top_up(doors, person, "5.00")
    placed = world.place(world.order(row, offer))
    assert world.make_all() == ["done"]
    work = world.work(placed.id)
    assert work.source_blob is not None
    assert work.result_blob is not None
    return Fan(doors, client, person, work.id, work.source_blob, world.blobs.get(work.result_blob))


def top_up(doors: Doors, person: str, amount: str) -> None:
    world = doors.world
    checkout.rehearse_top_up(
        doors.house.sessions,
        RehearsalProcessor(),
        person=person,
        amount=Money.parse(amount),
        key=f"top-up {amount}",
        clock=world.clock,
    )


@pytest.fixture
def offer(doors: Doors) -> Offer:
    return doors.world.artist()


@pytest.fixture
def fan(doors: Doors, offer: Offer) -> Fan:
    return fan_with_work(doors, offer)


def money(doors: Doors) -> list[tuple[str, str, str]]:
    with doors.house.sessions() as session:
        return [(x.id, x.reference, x.inputs_hash) for x in session.scalars(select(Entry).order_by(Entry.seq))]


def count(doors: Doors, table: type[db.Base]) -> int:
    with doors.house.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def kept_manifest(doors: Doors, work: str) -> bytes:
    """What is given back to a file of this work that lost its manifest."""
    with doors.house.sessions() as session:
        row = session.get(KeptManifest, work)
        return row.data if row is not None else b""


def test_the_photograph_is_unreadable_and_its_small_picture_gone(fan: Fan) -> None:
    world = fan.doors.world
    sealed = world.blobs.get(fan.photo)
    assert world.keys.open(fan.person, sealed)
    answer = erase(fan.client)
    assert answer.status_code == 204, answer.text
    with pytest.raises(KeyErased):
        world.keys.open(fan.person, sealed)
    with pytest.raises(BlobMissing):
        world.blobs.get(fan.photo)
    with fan.doors.house.sessions() as session:
        assert session.get_one(StoredFingerprint, fan.work).content is None
    row = fan.row()
    assert (row.source_blob, row.result_blob, row.renditions, row.shared_at) == (None, None, {}, None)


def test_the_account_and_everything_that_opens_it_is_gone(fan: Fan) -> None:
    fan.client.post("/v1/me/keys", json={"name": "a program", "scopes": ["works"]})
    fan.client.post("/v1/password-resets", json={"email": EMAIL})
    answer = erase(fan.client)
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert fan.client.get("/v1/me").status_code == 401
    assert sign_in(fan.doors.client()).status_code == 401
    assert [count(fan.doors, table) for table in (Account, SignedIn, ApiKey, Message)] == [0, 0, 0, 0]
    with fan.doors.house.sessions() as session:
        everything = str(session.execute(text("SELECT * FROM attempts")).all())
        assert session.get_one(Person, fan.person).name == "erased person"
    assert EMAIL not in everything


def test_uploads_go_with_their_files(fan: Fan) -> None:
    uploads, at = fan.doors.house.uploads, fan.doors.world.now
    with db.unit(fan.doors.house.sessions) as session:
        upload = uploads.create(session, person=fan.person, length=3, name="photo.jpg", described="", at=at)
        part = uploads.begin(upload, offset=0)
        part.write(b"abc")
        part.end(whole=True)
    assert list(uploads.folder.iterdir())
    erase(fan.client)
    assert list(uploads.folder.iterdir()) == []
    assert count(fan.doors, Upload) == 0


def test_the_same_address_may_begin_anew(fan: Fan) -> None:
    erase(fan.client)
    again = fan.doors.account(name="Somebody else")
    assert again.get("/v1/me").json()["person"] != fan.person


def test_the_work_still_verifies_without_the_name(fan: Fan, tmp_path: Path) -> None:
    before = fan.asked(tmp_path)
    assert before.licensee == {"name": "Bob Reed"}
    assert b"Bob Reed" in kept_manifest(fan.doors, fan.work)
    erase(fan.client)
    assert kept_manifest(fan.doors, fan.work) == b"", "it would say the name for ever"
    after = fan.asked(tmp_path)
    assert after.licensee == {"name": "erased person"}
    assert (after.work, after.standing, after.permission) == (fan.work, "licensed", "permit")
    assert (after.identification, after.shares, after.licensors) == (
        before.identification,
        before.shares,
        before.licensors,
    )


def test_money_claims_and_licenses_stay_and_the_audit_is_clean(fan: Fan) -> None:
    posted = money(fan.doors)
    audited = audit_all(fan.doors.house)
    assert audited.measured == 1
    license = fan.doors.world.license_of(fan.work).id
    with fan.doors.house.sessions() as session:
        document = session.get_one(RecordedClaim, fan.work).document
    erase(fan.client)
    assert money(fan.doors) == posted
    assert audit_all(fan.doors.house) == audited
    assert fan.doors.world.license_of(fan.work).id == license
    with fan.doors.house.sessions() as session:
        assert session.get_one(RecordedClaim, fan.work).document == document, "signed, and quoted by files out there"


def test_what_a_work_earns_afterwards_is_still_divided(fan: Fan) -> None:
    erase(fan.client)
    with db.unit(fan.doors.house.sessions) as session:
        income.report(session, work=fan.work, amount=Money.parse("10.00"), reference="r1", at=fan.doors.world.now)
    assert fan.doors.world.balance(f"person:{fan.person}") > 0
    assert audit_all(fan.doors.house).findings == ()


def test_a_wrong_password_erases_nothing(fan: Fan) -> None:
    refused = erase(fan.client, "not my password")
    assert (refused.status_code, problem(refused)) == (403, "wrong-password")
    assert fan.client.get("/v1/me").status_code == 200


def test_credit_and_earnings_refuse_and_say_how_much(fan: Fan) -> None:
    top_up(fan.doors, fan.person, "3.50")
    with db.unit(fan.doors.house.sessions) as session:
        income.report(session, work=fan.work, amount=Money.parse("10.00"), reference="r1", at=fan.doors.world.now)
        earned = ledger.balance(session, f"person:{fan.person}")
    refused = erase(fan.client)
    assert (refused.status_code, problem(refused)) == (409, "cannot-erase")
    credit, share = refused.json()["reasons"]
    assert str(Money.parse("3.50")) in credit
    assert str(earned) in share
    assert fan.row().result_blob is not None, "nothing is touched"


def test_a_payment_that_is_not_decided_refuses(fan: Fan) -> None:
    with db.unit(fan.doors.house.sessions) as session:
        charge = checkout.begin(
            session,
            person=fan.person,
            amount=Money.parse("1.00"),
            processor="rehearsal",
            key="waiting",
            at=fan.doors.world.now,
        )
        charge.asked_at = fan.doors.world.now
    assert "not decided" in erase(fan.client).json()["reasons"][0]
    with db.unit(fan.doors.house.sessions) as session:
        session.get_one(Charge, charge.id).state = "failed"
    assert erase(fan.client).status_code == 204


def test_a_work_that_is_being_made_refuses(fan: Fan, offer: Offer) -> None:
    top_up(fan.doors, fan.person, "5.01")
    with fan.doors.house.sessions() as session:
        person = session.get_one(Person, fan.person)
    fan.doors.world.place(fan.doors.world.order(person, offer))
    reasons = erase(fan.client).json()["reasons"]
    assert reasons[0] == "1 works are being made, cancel them or wait"
    assert len(reasons) == 2, "all that is open is said at once"


def test_a_creator_retires_first_then_name_and_originals_go(doors: Doors, tmp_path: Path, offer: Offer) -> None:
    fan = fan_with_work(doors, offer)
    world = doors.world
    creator = world.style_of(offer).creator
    person = adopt(doors, creator)
    client = sign_in_as(doors)
    earned = Money(world.balance(f"creator:{creator}"))
    refused = erase(client)
    assert "retire it first" in refused.json()["reasons"][-1]
    assert str(earned) in refused.json()["reasons"][0]
    assert client.post(f"/v1/styles/{offer.style}/retirement").status_code == 200
    assert b"Ada Marsh" in kept_manifest(doors, fan.work)
    paid_out(doors, creator)
    with doors.house.sessions() as session:
        asset = session.scalars(select(Asset).where(Asset.creator == creator)).one()
    original, thumbnail = world.blobs.get(asset.blob), str(asset.thumbnail)
    assert world.keys.open(creator, original)
    assert erase(client).status_code == 204
    with pytest.raises(KeyErased):
        world.keys.open(creator, original)
    assert not world.blobs.has(thumbnail)
    with doors.house.sessions() as session:
        row = session.get_one(Creator, creator)
        assert (row.person, row.name, row.payout) == (person, "erased person", None)
        kept = session.get_one(Asset, asset.id)
        assert (kept.state, kept.thumbnail, kept.look) == ("retired", None, None)
    verdict = fan.asked(tmp_path)
    assert (verdict.standing, verdict.permission) == ("licensed", "permit"), "what was made keeps its license"
    assert verdict.licensors == ({"creator": creator, "name": "erased person"},)
    assert kept_manifest(doors, fan.work) == b"", "it would say the licensor's name for ever"
    audited = audit_all(doors.house)
    assert audited.findings == ()
    assert len(audited.unmeasured) == 1, "its map cannot be measured without the originals, and that is said"


def test_the_database_lets_the_small_picture_go_and_nothing_else(fan: Fan) -> None:
    for change in ("content = 'x'", "owner = 'per_x'", "content = NULL, owner = 'per_x'", "sheet = ''"):
        with pytest.raises(Exception, match="stays as recorded"), db.unit(fan.doors.house.sessions) as session:
            session.execute(text(f"UPDATE fingerprints SET {change} WHERE subject = :work"), {"work": fan.work})
    with pytest.raises(Exception, match="stays as recorded"), db.unit(fan.doors.house.sessions) as session:
        session.execute(text("DELETE FROM fingerprints"))


def test_a_key_that_could_not_be_destroyed_is_destroyed_by_the_job(fan: Fan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keystore's folder is read-only for a moment: the account is gone, the job does the rest, twice is once."""
    world, sealed = fan.doors.world, fan.doors.world.blobs.get(fan.photo)
    owners = fan.doors.house.keys.folder / "owners"
    broken = owners.with_name("away")
    owners.rename(broken)
    owners.write_text("not a folder")
    with capture_logs() as said:
        assert erase(fan.client).status_code == 204
    assert "app:erase" in str(said)
    owners.unlink()
    broken.rename(owners)
    assert world.keys.open(fan.person, sealed), "not destroyed yet"
    with fan.doors.house.sessions() as session:
        arguments = session.execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = 'app:erase'")
        ).scalar_one()
    for _ in range(2):
        tasks.erase(Context(fan.doors), **arguments)  # type: ignore[arg-type]
    with pytest.raises(KeyErased):
        world.keys.open(fan.person, sealed)


def test_erasing_writes_neither_address_nor_name_into_the_log(fan: Fan) -> None:
    with capture_logs() as said:
        erase(fan.client)
    assert [line["person"] for line in said if line["event"] == "account erased"] == [fan.person]
    assert EMAIL not in str(said)
    assert "Bob" not in str(said)


def test_nobody_without_an_account_is_erased(doors: Doors) -> None:
    with db.unit(doors.house.sessions) as session:
        person = studio.person(session).id
    with db.unit(doors.house.sessions) as session, pytest.raises(NotFound):
        erasure.erase(session, person=person, uploads=doors.house.uploads, at=doors.world.now)
    with doors.house.sessions() as session:
        assert erasing.names_now(session, said={person: "Bob Reed"}) == {person: "Bob Reed"}


class Context:
    """What a task is given by the queue."""

    def __init__(self, doors: Doors) -> None:
        self.additional_context = {"keys": doors.house.keys, "blobs": doors.house.blobs}


def adopt(doors: Doors, creator: str) -> str:
    """Give a creator's person an account that can sign in."""
    from app.identity.passwords import hashed
    from tests.doors import PASSWORD

    with db.unit(doors.house.sessions) as session:
        person = session.get_one(Creator, creator).person
        account = Account(person=person, email="ada.marsh@example.org", password_hash=hashed(PASSWORD), staff=False)
        account.created_at = doors.world.now
        session.add(account)
    return person


def sign_in_as(doors: Doors) -> TestClient:
    client = doors.client()
    client.headers["sec-fetch-site"] = "same-origin"
    assert sign_in(client, "ada.marsh@example.org").status_code == 200
    return client


def paid_out(doors: Doors, creator: str) -> None:
    """Take back what the creator earned, as a refund by hand would: for now nothing else empties the account."""
    with db.unit(doors.house.sessions) as session:
        for entry in session.scalars(select(Entry).where(Entry.kind == "fee")).all():
            ledger.reverse(session, reference=entry.reference, at=doors.world.now)
        for entry in session.scalars(select(Entry).where(Entry.kind == "hold")).all():
            ledger.reverse(session, reference=entry.reference, at=doors.world.now)
