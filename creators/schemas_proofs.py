"""Proofs of a voice on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from core.web import In, Named, Out
from creators import proofs
from creators.models import VoiceProof

ProofId = Annotated[str, Named("vpf")]
WHY = {
    "short": "there is too little voice in it",
    "pace": "it is spoken much faster or slower than the phrase takes",
    "made-here": "it was made by an engine of ours, whose mark it carries; speak the phrase yourself, live",
    "copy": "it is one of the registered recordings",
    "unlike": "it is another voice than the recordings have",
    "doubtful": "it is not clear that it is the voice of the recordings",
    "mixed": "one of the recordings may be of another voice, or has too little voice to tell",
    "phases": "it may have been made by a program",
    "vouched": "the house vouches for the recordings",
}


class TakeIn(In):
    upload: Annotated[str, Field(max_length=100, description="a finished upload of one's own: the phrase, spoken")]


class RulingIn(In):
    passed: bool
    because: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ProofOut(Out):
    """A phrase to speak before `expires_at`, and what came of it.

    state: open; expired; passed; unclear, until staff have heard it; refused. `why`: in words, what kept it from
    passing by itself.
    """

    id: str
    style: str
    phrase: str
    state: Literal["open", "expired", "passed", "unclear", "refused"]
    why: list[str]
    ruled_because: str | None
    asked_at: datetime
    expires_at: datetime
    taken_at: datetime | None

    @classmethod
    def of(cls, proof: VoiceProof, at: datetime) -> ProofOut:
        return cls(
            id=proof.id,
            style=proof.style,
            phrase=proof.phrase,
            state=proofs.state_of(proof, at),
            why=[WHY.get(code, code) for code in proof.reasons],
            ruled_because=proof.ruled_because,
            asked_at=proof.asked_at,
            expires_at=proof.expires_at,
            taken_at=proof.taken_at,
        )


class ProofForStaff(ProofOut):
    """With the figures, which are not for whoever might try until they are right.

    `recordings`: where the excerpts are heard of what the take was compared with.
    """

    likeness: float | None
    natural: float | None
    take: str | None
    recordings: list[str]

    @classmethod
    def of(cls, proof: VoiceProof, at: datetime) -> ProofForStaff:
        return cls(
            **ProofOut.of(proof, at).model_dump(),
            likeness=proof.likeness,
            natural=proof.natural,
            take=f"/v1/voice-proofs/{proof.id}/take" if proof.take else None,
            recordings=[f"/v1/assets/{asset}/excerpt" for asset in proof.assets],
        )
