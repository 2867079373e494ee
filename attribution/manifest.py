"""The C2PA manifest of a work: what it says, how it is signed into the file, and how a file's is read back.

Reading happens in a child process, since files come from strangers. Only a signature that leads to our own root speaks;
anything else is a statement by nobody in particular, and its state says which kind of nobody.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from attribution.chain import Chain, ChainUnusable
from attribution.claim import Claim
from core import ids, jail
from core.errors import NotFound

__all__ = ["Chain", "ChainUnusable", "Reading", "Statement", "read", "sign"]

CLAIM = "org.homage.claim"
SHARE = "org.homage.share"
SIGNABLE = ("image/png", "image/jpeg", "image/webp", "audio/flac", "audio/wav", "audio/mpeg")
GENERATOR = {"name": "Homage", "version": "0.1"}
_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"

# trusted: signed here, nothing touched. broken: signed here, then changed or moved to another file. untrusted: signed
# by somebody else. damaged: no readable manifest or signature. none: there is none.
State = Literal["none", "trusted", "broken", "untrusted", "damaged"]


@dataclass(frozen=True)
class Statement:
    """What a file's manifest says, and how far it can be believed. `claim` is the quoted claim's document."""

    state: State
    claim: dict[str, Any] | None = None
    detail: str = ""

    @property
    def work(self) -> str | None:
        """The work that the manifest names."""
        try:
            return ids.check(str((self.claim or {}).get("work")), "wrk")
        except NotFound:
            return None


NO_STATEMENT = Statement("none")
DAMAGED = Statement("damaged", detail="it has a manifest that cannot be read or whose signature does not hold")


def may_have_one(data: bytes) -> bool:
    """Whether it is worth reading these bytes' manifest: every embedded store is labeled so."""
    return b"c2pa" in data


def sign(
    data: bytes, claim: Claim, *, iscc: str | None, with_source: bool, chain: Chain, kind: str = "image/png"
) -> bytes:
    """The file with a signed manifest inside. `kind`: its media type, one of SIGNABLE.

    `iscc`: the code by which the content is found without its manifest, if there is one that survives a new encoding.
    `with_source`: somebody's own picture or recording is part of the work.
    """
    import c2pa

    info = c2pa.C2paSignerInfo(b"es256", chain.certificates.encode(), chain.key.encode(), None)
    context = c2pa.Context(c2pa.Settings.from_dict(_settings(chain.root)), c2pa.Signer.from_info(info))
    out = io.BytesIO()
    said = definition(claim, iscc=iscc, with_source=with_source, kind=kind)
    with c2pa.Builder(said, context) as builder:
        builder.sign(kind, io.BytesIO(data), out)
    return out.getvalue()


def definition(claim: Claim, *, iscc: str | None, with_source: bool, kind: str = "image/png") -> dict[str, Any]:
    """What the manifest says, in the words of C2PA 2.2."""
    made = {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCES + _source_type(claim, with_source),
        "softwareAgent": {"name": claim.engine.rpartition(" ")[0], "version": claim.engine.rpartition(" ")[2]},
        "parameters": {"org.homage.work": claim.work, "org.homage.learned_from": claim.learned_from},
    }
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [x.asset], SHARE: x.share}}
        for x in claim.contributions
    ]
    reserved = {"use": "notAllowed"}
    bindings = [{"alg": "io.iscc.v0", "blocks": [{"scope": {}, "value": iscc}]}] if iscc is not None else []
    mining = dict.fromkeys(
        ("cawg.data_mining", "cawg.ai_inference", "cawg.ai_training", "cawg.ai_generative_training"), reserved
    )
    return {
        "claim_version": 2,
        "claim_generator_info": [GENERATOR],
        "title": claim.work,
        "format": kind,
        "ingredients": [
            {
                "title": x.title,
                "relationship": "componentOf",
                "label": x.asset,
                "instance_id": f"sha256:{x.sha256}",
            }
            for x in claim.contributions
        ],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [made, *placed]}},
            *({"label": "c2pa.soft-binding", "data": binding} for binding in bindings),
            {"label": "cawg.training-mining", "data": {"entries": mining}},
            {"label": CLAIM, "data": claim.document()},
        ],
    }


class Reading:
    """A file's manifest that is being read in a child process; `result()` waits for it."""

    def __init__(self, path: Path, chain: Chain) -> None:
        self._child = jail.start("attribution.manifest:raw", path, chain.root, box=jail.Box(answer=4 << 20))

    def result(self) -> Statement:
        """Never raises on account of the file: what cannot be read is `damaged`."""
        try:
            return Statement(**json.loads(self._child.result()))
        except (jail.Refused, jail.Crashed):
            return DAMAGED


def read(path: Path, *, chain: Chain) -> Statement:
    """What the file's manifest says; nothing is raised on account of the file. Raises ChainUnusable."""
    return Reading(path, chain).result()


def raw(path: Path, root: str) -> bytes:
    """In the child: the statement as JSON."""
    return json.dumps(vars(_statement(path, root))).encode()


def _statement(path: Path, root: str) -> Statement:
    import c2pa

    with path.open("rb") as file:
        kind = _kind(file)
        if kind is None:
            return NO_STATEMENT
        file.seek(0)
        try:
            context = c2pa.Context(c2pa.Settings.from_dict(_settings(root)))
            reader = c2pa.Reader(kind, file, context=context)
        except c2pa.C2paError as error:
            return NO_STATEMENT if "ManifestNotFound" in f"{type(error).__name__} {error}" else DAMAGED
        active = (reader.get_validation_results() or {}).get("activeManifest", {})
        passed, failed = ({x.get("code", "") for x in active.get(kind, [])} for kind in ("success", "failure"))
        state, detail = _judge(reader.get_validation_state(), passed, failed)
        # What a stranger wrote is not handed on at all.
        ours = state in ("trusted", "broken")
        return Statement(state, _quoted(reader.get_active_manifest() or {}) if ours else None, detail)


def _judge(state: str | None, passed: set[str], failed: set[str]) -> tuple[State, str]:
    """Whose words these are. A manifest that is ours and whole, in a file that is not, is `broken`."""
    if state == "Trusted" and not failed:
        return "trusted", "signed here, unchanged since"
    if any(code.startswith("signingCredential") for code in failed):
        return "untrusted", "signed by somebody else"
    if passed >= {"signingCredential.trusted", "claimSignature.validated"} and failed == {
        "assertion.dataHash.mismatch"
    }:
        return "broken", "signed here, but changed since or taken from another file"
    return DAMAGED.state, DAMAGED.detail


def _quoted(manifest: dict[str, Any]) -> dict[str, Any] | None:
    for assertion in manifest.get("assertions", []):
        if assertion.get("label") == CLAIM and isinstance(assertion.get("data"), dict):
            data: dict[str, Any] = assertion["data"]
            return data
    return None


def _kind(file: BinaryIO) -> str | None:
    """Media type by content; None for what carries no manifest that we would read."""
    head = file.read(16)
    return _picture(head) or _recording(head, file)


def _recording(head: bytes, file: BinaryIO) -> str | None:
    """A manifest in FLAC and MP3 lies in a tag (ID3v2) before the sound, whose size is four times seven bits."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if head[:3] == b"ID3":
        file.seek(10 + sum((byte & 127) << 7 * place for place, byte in enumerate(reversed(head[6:10]))))
        head = file.read(4)
    if head[:4] == b"fLaC":
        return "audio/flac"
    return "audio/mpeg" if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 else None


def _picture(head: bytes) -> str | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:4] in (b"II*\0", b"MM\0*"):
        return "image/tiff"
    if head[:4] == b"GIF8":
        return "image/gif"
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"heic", b"heix", b"mif1", b"msf1"):
        return "image/avif" if head[8:12] == b"avif" else "image/heic"
    return None


def _settings(root: str) -> dict[str, Any]:
    """Travels in a context, never in process-wide state. No thumbnails, no network."""
    return {
        "verify": {
            "verify_trust": True,
            "verify_after_sign": True,
            "ocsp_fetch": False,
            "remote_manifest_fetch": False,
        },
        "trust": {"user_anchors": root},
        "builder": {"thumbnail": {"enabled": False}},
    }


def _source_type(claim: Claim, with_source: bool) -> str:
    """IPTC's digital source type. Only an engine without trained weights can measure its shares exactly."""
    if claim.exact:
        return "composite" if with_source else "algorithmicMedia"
    return "compositeWithTrainedAlgorithmicMedia" if with_source else "trainedAlgorithmicMedia"
