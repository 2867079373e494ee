"""Proofs of a voice through their doors: asked for, spoken once and in time, heard by staff, needed to be listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.demo import singing
from attribution.marks import sound as mark
from attribution.marks.secrets import Key
from core import clock, db, encode_sound
from core.media import Sound
from creators import assets, proofs
from creators.models import VoiceProof
from creators.proofs import Compared
from tests.creators.sending import send
from tests.creators.test_routes import DECLARATION, somebody
from tests.doors import Doors
from tests.fakes import tone

ALMA, BRUNO = singing.SINGERS


@cache
def take(singer: singing.Singer, seed: int) -> Sound:
    return singing.sung(singer, singing.line(singer, seed, notes=14), seed, rate=16_000)


def flac(sound: Sound) -> bytes:
    return encode_sound.encoded(sound, "flac")


@dataclass(frozen=True)
class Booth:
    """A singer at her own style, which has one recording and her consent."""

    doors: Doors
    client: TestClient
    style: str

    def ask(self) -> dict[str, Any]:
        answer = self.client.post(f"/v1/styles/{self.style}/voice-proofs")
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def speak(self, proof: str, sound: Sound) -> Any:
        upload = send(self.client, flac(sound))
        return self.client.put(f"/v1/voice-proofs/{proof}/take", json={"upload": upload})

    def missing(self) -> str:
        return " ".join(self.client.get(f"/v1/me/styles/{self.style}").json()["missing"])


def booth(doors: Doors, sound: Sound) -> Booth:
    client = somebody(doors, "Alma Quist")
    profile = client.post("/v1/profiles", json={"name": "Alma Quist"}).json()["id"]
    style = client.post("/v1/styles", json={"profile": profile, "name": "Alto", "medium": "sound"}).json()["id"]
    client.post(f"/v1/styles/{style}/consents", json=DECLARATION)
    upload = send(client, flac(sound))
    taken = client.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": "A take"})
    assert taken.status_code == 201, taken.text
    return Booth(doors, client, style)


@pytest.fixture
def alma(doors: Doors) -> Booth:
    return booth(doors, take(ALMA, 1))


def test_a_voice_is_listed_once_it_is_proven(alma: Booth) -> None:
    assert "speak the phrase" in alma.missing()
    proof = alma.ask()
    assert (proof["state"], len(proof["phrase"].split(".")[0].split()) > 4) == ("open", True)
    said = alma.speak(proof["id"], take(ALMA, 2)).json()
    assert said["state"] in ("passed", "unclear")
    staff = alma.doors.client("per_staff", staff=True)
    queue = staff.get("/v1/voice-proofs").json()["items"]
    assert [row["id"] for row in queue] == ([proof["id"]] if said["state"] == "unclear" else [])
    heard = staff.get(f"/v1/voice-proofs/{proof['id']}/take")
    assert encode_sound.decoded(heard.content).sha256 == take(ALMA, 2).sha256
    ruling = {"passed": True, "because": "I called her"}
    ruled = staff.put(f"/v1/voice-proofs/{proof['id']}/ruling", json=ruling).json()
    assert (ruled["state"], ruled["ruled_because"]) == ("passed", "I called her")
    assert [staff.get(url).status_code for url in ruled["recordings"]] == [200]
    assert [alma.doors.client("per_other").get(url).status_code for url in ruled["recordings"]] == [404]
    assert "speak the phrase" not in alma.missing()
    assert staff.get("/v1/voice-proofs").json()["items"] == []
    assert alma.client.post(f"/v1/styles/{alma.style}/publication").status_code == 200
    assert alma.doors.client().get(ruled["recordings"][0]).status_code == 200


def test_what_a_listed_voice_gets_later_is_neither_heard_nor_learned_from_before_its_phrase(alma: Booth) -> None:
    first = [row["id"] for row in alma.client.get(f"/v1/me/styles/{alma.style}").json()["assets"]]
    with db.unit(alma.doors.house.sessions) as session:
        proofs.vouch(
            session, style=alma.style, by="the tests", because="a script sings", at=alma.doors.house.clock.now()
        )
    assert alma.client.post(f"/v1/styles/{alma.style}/publication").status_code == 200
    upload = send(alma.client, flac(take(BRUNO, 3)))
    answer = alma.client.post(f"/v1/styles/{alma.style}/assets", json={"upload": upload, "title": "Another's"})
    assert "speak the phrase, so that 1 of its recordings" in alma.missing()
    with alma.doors.house.sessions() as session:
        assert [row.id for row in assets.learned(session, style=alma.style)] == first
    excerpt = answer.json()["excerpt"]
    assert (alma.client.get(excerpt).status_code, alma.doors.client().get(excerpt).status_code) == (200, 404)
    assert alma.client.delete(f"/v1/assets/{first[0]}").status_code == 409


def test_another_voice_among_ones_own_is_for_staff_to_hear() -> None:
    proof = VoiceProof(phrase="", syllables=30)
    own, others = [take(ALMA, 1), take(ALMA, 3)], [take(BRUNO, 3)]
    alone = proofs.judged(proof, take(ALMA, 2), Compared(("a", "b"), iter(own)))
    mixed = proofs.judged(proof, take(ALMA, 2), Compared(("a", "b", "c"), iter(own + others)))
    assert ("mixed" in alone.reasons, "mixed" in mixed.reasons, mixed.decision) == (False, True, "unclear")


def test_another_voice_and_the_recording_itself_are_refused(alma: Booth) -> None:
    for sent in (take(BRUNO, 2), take(ALMA, 1)):
        said = alma.speak(alma.ask()["id"], sent).json()
        assert (said["state"], len(said["why"])) == ("refused", 1)
    assert "speak the phrase" in alma.missing()


def test_a_take_made_by_an_engine_of_ours_is_refused_as_such() -> None:
    key = Key("2026Q4", "sound", b"k" * 32)
    proof, own = VoiceProof(phrase="", syllables=30), take(ALMA, 1)
    sealed = mark.write(take(ALMA, 2), 77, key)
    made = proofs.judged(proof, sealed, Compared(("a",), iter([own])), [key])
    live = proofs.judged(proof, take(ALMA, 2), Compared(("a",), iter([own])), [key])
    assert (made.decision, made.reasons) == ("refused", ("made-here",))
    assert "made-here" not in live.reasons


def test_a_phrase_is_spoken_once_and_within_minutes(alma: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    first = alma.ask()["id"]
    assert alma.speak(first, tone(seconds=0.5)).json()["why"] == ["there is too little voice in it"]
    assert alma.speak(first, take(ALMA, 2)).status_code == 409
    late = alma.ask()["id"]
    house = alma.doors.house
    later = clock.FrozenClock(house.clock.now() + timedelta(minutes=6))
    monkeypatch.setattr(house, "clock", later)
    assert alma.speak(late, take(ALMA, 2)).status_code == 409
    assert alma.client.get(f"/v1/styles/{alma.style}/voice-proofs").json()[0]["state"] == "expired"


def test_nobody_waits_for_a_take_of_a_style_that_has_ended(alma: Booth) -> None:
    alma.speak(alma.ask()["id"], tone(seconds=0.5))
    staff = alma.doors.client("per_staff", staff=True)
    assert len(staff.get("/v1/voice-proofs").json()["items"]) == 1
    assert alma.client.post(f"/v1/styles/{alma.style}/retirement").status_code == 200
    assert staff.get("/v1/voice-proofs").json()["items"] == []


def test_phrases_differ_and_are_few_in_a_day(alma: Booth) -> None:
    phrases = {alma.ask()["phrase"] for _ in range(6)}
    assert len(phrases) == 6
    refused = alma.client.post(f"/v1/styles/{alma.style}/voice-proofs")
    assert (refused.status_code, int(refused.headers["retry-after"]) > 80_000) == (429, True)


def test_an_instrument_needs_no_phrase(doors: Doors) -> None:
    harp = booth(doors, tone(seconds=3.0))
    assert "speak the phrase" not in harp.missing()
    assert harp.client.post(f"/v1/styles/{harp.style}/voice-proofs").status_code == 409


def test_silence_is_not_taken_in(doors: Doors) -> None:
    client = somebody(doors)
    profile = client.post("/v1/profiles", json={"name": "Ada Marsh"}).json()["id"]
    style = client.post("/v1/styles", json={"profile": profile, "name": "Still", "medium": "sound"}).json()["id"]
    silent = send(client, flac(Sound(0 * tone().samples, 8_000)))
    answer = client.post(f"/v1/styles/{style}/assets", json={"upload": silent, "title": "Nothing"})
    assert (answer.status_code, answer.json()["reason"]) == (422, "empty")
