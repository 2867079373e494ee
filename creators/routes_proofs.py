"""The doors to proofs of a voice: ask for a phrase, send its take, and, for staff, hear and decide."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from attribution.marks.secrets import HINTED
from attribution.tools import Tools
from core import db, decode_sound, encode_sound
from core.media import Sound
from core.media_response import media
from core.web import Listed, Paged, Sessions, Staff, Unit, port
from creators import assets, proofs, styles
from creators.models import VoiceProof
from creators.proofs import Compared
from creators.routes import Blobs, Files, Keys, Me, Time
from creators.schemas import StyleId
from creators.schemas_proofs import ProofForStaff, ProofId, ProofOut, RulingIn, TakeIn

router = APIRouter(tags=["voice proofs"])
SHORT = decode_sound.Limits(length=proofs.LONGEST_TAKE)


@router.post("/styles/{style}/voice-proofs", status_code=status.HTTP_201_CREATED)
def ask_for_phrase(session: Unit, me: Me, clock: Time, style: StyleId) -> ProofOut:
    """A phrase to speak within minutes, which shows that the voice of the recordings is yours."""
    row, at = styles.of_person(session, style=style, person=me.person), clock.now()
    return ProofOut.of(proofs.ask(session, style=row.id, creator=row.creator, at=at), at)


@router.get("/styles/{style}/voice-proofs")
def list_proofs(session: Unit, me: Me, clock: Time, style: StyleId) -> list[ProofOut]:
    """The phrases that were asked for, the newest first."""
    row = styles.of_person(session, style=style, person=me.person)
    return [ProofOut.of(proof, clock.now()) for proof in proofs.of_style(session, style=row.id)]


@router.put("/voice-proofs/{proof}/take")
def send_take(  # the ports of the request
    sessions: Sessions,
    me: Me,
    clock: Time,
    files: Annotated[Files, Depends()],
    tools: Annotated[Tools, port("tools")],
    proof: ProofId,
    sent: TakeIn,
) -> ProofOut:
    """Send the phrase as you spoke it. It is kept, encrypted, as evidence; once sent it is decided."""
    at = clock.now()  # it was spoken in time, however long the comparison takes
    with db.unit(sessions) as session:
        row = proofs.of_person(session, proof=proof, person=me.person)
        proofs.check_open(row, at)
        file = files.uploads.file(session, upload=sent.upload, person=me.person)
        heard = proofs.voices(session, style=row.style)
    with files.turns.turn():
        take = encode_sound.kept(decode_sound.Decoding(file, SHORT, name="the take").result())
        sounds = (assets.original(one, blobs=files.blobs, keys=files.keys) for one in heard)
        compared = Compared(tuple(x.id for x in heard), (x for x in sounds if isinstance(x, Sound)))
        marks = tools.secrets.reading("sound", at, HINTED)
        verdict = proofs.judged(row, take, compared, marks)
        kept = files.blobs.put(files.keys.seal(row.creator, encode_sound.encoded(take, "flac")))
    with db.unit(sessions) as session:
        done = proofs.decide(session, proof=proof, take=kept, compared=compared.assets, verdict=verdict, sent_at=at)
        files.uploads.remove(session, upload=files.uploads.get(session, upload=sent.upload, person=me.person))
        return ProofOut.of(done, at)


@router.get("/voice-proofs")
def list_unclear(session: Unit, who: Staff, clock: Time, page: Paged) -> Listed[ProofForStaff]:
    """For staff: the takes that somebody has to hear, the oldest first."""
    key = page.key(datetime, str)
    rows = proofs.waiting(session, limit=page.limit + 1, after=None if key is None else (key[0], key[1]))
    return page.of(rows, _key, lambda row: ProofForStaff.of(row, clock.now()))


@router.get(
    "/voice-proofs/{proof}/take",
    response_class=Response,
    responses={200: {"content": {"audio/flac": {}}, "description": "The take"}},
)
def hear_take(request: Request, sessions: Sessions, who: Staff, blobs: Blobs, keys: Keys, proof: ProofId) -> Response:
    """For staff: the take itself."""
    with db.unit(sessions) as session:
        row = proofs.get(session, proof=proof)
        address = proofs.take_of(row)
    data = keys.open(row.creator, blobs.get(address))
    return media(data, type="audio/flac", name=f"{row.id}.flac", public=False, request=request)


@router.put("/voice-proofs/{proof}/ruling")
def rule_on_take(session: Unit, who: Staff, clock: Time, proof: ProofId, ruling: RulingIn) -> ProofForStaff:
    """For staff: decide, having heard the take and the recordings; the last word."""
    at = clock.now()
    row = proofs.rule(session, proof=proof, passed=ruling.passed, by=who.person, because=ruling.because, at=at)
    return ProofForStaff.of(row, at)


def _key(row: VoiceProof) -> list[object]:
    return [row.taken_at, row.id]
