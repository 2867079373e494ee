"""The C2PA manifest of a work: what it says, how it is signed into the file, and how a file's is read back.

Reading happens in a child process, since files come from strangers. Only a signature by a leaf of our own speaks;
anything else is a statement by nobody in particular, and its state says which kind of nobody.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol
from uuid import uuid4

from attribution import definition
from attribution.certificates import CertificateRefused, Credentials, identity
from attribution.chain import Chain, ChainUnusable
from attribution.claim import Claim
from core import ids, jail
from core.decode import Undecodable
from core.errors import NotFound, Unavailable

__all__ = ["Chain", "ChainUnusable", "Reading", "Statement", "Store", "read", "sign", "signed"]


SIGNABLE = ("image/png", "image/jpeg", "image/webp", "audio/flac", "audio/wav", "audio/mpeg")

# What a file's bytes are bound to a manifest by: in most formats, and in those of the MP4 family.
_MOVED = ({"assertion.dataHash.mismatch"}, {"assertion.bmffHash.mismatch"})
_RAN_OUT = "signingCredential.expired"

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


@dataclass(frozen=True)
class Store:
    """A manifest store as it lies in a file (`application/c2pa`): what a file that lost it is given back.

    `label`: of its active manifest, `urn:c2pa:` and a UUID. It is the only one: our ingredients bring none.
    """

    label: str
    data: bytes


NO_STATEMENT = Statement("none")
STRANGER = Statement("untrusted", detail="signed by somebody else")
DAMAGED = Statement("damaged", detail="it has a manifest that cannot be read or whose signature does not hold")


def may_have_one(data: bytes) -> bool:
    """Whether it is worth reading these bytes' manifest: every embedded store is labeled so."""
    return b"c2pa" in data


def skimmed(file: Path) -> tuple[str, bool]:
    """A file's SHA-256, and whether it may have a manifest; a recording of a gigabyte is not held for that.

    Raises Undecodable.
    """
    digest, before, found = hashlib.sha256(), b"", False
    try:
        with file.open("rb") as opened:
            while piece := opened.read(1 << 20):
                digest.update(piece)
                found = found or may_have_one(before[-16:] + piece)
                before = piece
        return digest.hexdigest(), found
    except OSError as error:
        raise Undecodable(f"cannot read {file.name}: {error.strerror}; check the name") from error


def sign(
    data: bytes,
    claim: Claim,
    *,
    iscc: str | None,
    with_source: bool,
    chain: Chain,
    kind: str = "image/png",
    mark: int | None = None,
) -> bytes:
    """The file with a signed manifest inside: the first part of what `signed` gives."""
    return signed(data, claim, iscc=iscc, with_source=with_source, chain=chain, kind=kind, mark=mark)[0]


def signed(
    data: bytes,
    claim: Claim,
    *,
    iscc: str | None,
    with_source: bool,
    chain: Chain,
    kind: str = "image/png",
    mark: int | None = None,
) -> tuple[bytes, Store]:
    """The file with a signed manifest inside, and the manifest by itself. `kind`: its media type, one of SIGNABLE.

    `iscc`: the code by which the content is found without its manifest, if there is one that survives a new encoding.
    `with_source`: somebody's own picture or recording is part of the work. `mark`: the number that our watermark in it
    carries, if it has one. Raises ChainUnusable, SigningFailed.
    """
    label = f"urn:c2pa:{uuid4()}"
    said = definition.of(claim, iscc=iscc, mark=mark, with_source=with_source, kind=kind)
    file, store = _signed(io.BytesIO(data), {**said, "label": label}, chain)
    return file, Store(label, store)


def tried(new: Credentials, chain: Chain) -> None:
    """Sign a picture of one pixel with an imported chain, and read it back. Raises CertificateRefused."""
    import numpy as np

    from core import encode
    from core.media import Picture

    dot = encode.png(Picture(np.full((1, 1, 3), 128, np.uint8)))
    action = {"action": "c2pa.created", "digitalSourceType": definition.SOURCES + "algorithmicMedia"}
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [action]}}
    with tempfile.TemporaryDirectory(prefix="homage-chain-") as folder:
        trial = Chain(Path(folder) / "chain", clock=chain.clock)
        trial.take(new)
        said = {"claim_generator_info": [definition.GENERATOR], "format": "image/png", "assertions": [actions]}
        try:
            data, _ = _signed(io.BytesIO(dot), said, trial)
        except SigningFailed as error:
            raise CertificateRefused(f"a picture cannot be signed with this chain: {error.message}") from error
        path = Path(folder) / "dot.png"
        path.write_bytes(data)
        found = read(path, chain=trial)
        if found.state != "trusted":
            raise CertificateRefused(
                f"a picture signed with this chain is not trusted by readers ({found.detail}); ask the issuer for a"
                " certificate that signs C2PA claims"
            )


def _signed(source: BinaryIO, said: dict[str, Any], chain: Chain) -> tuple[bytes, bytes]:
    """The file and its manifest store, with a time stamp where an authority is set and answers: without one rather
    than not at all."""
    credentials = chain.usable()
    settings = _settings(credentials.root, thumbnails=chain.thumbnails)
    if chain.time_authority is not None:
        try:
            return _signed_at(source, said, credentials, settings, chain.time_authority)
        except SigningFailed as error:
            import structlog

            log = structlog.get_logger()
            log.warning("signed without a time stamp", authority=chain.time_authority, reason=error.message)
            source.seek(0)
    return _signed_at(source, said, credentials, settings, None)


def _signed_at(
    source: BinaryIO, said: dict[str, Any], credentials: Credentials, settings: dict[str, Any], authority: str | None
) -> tuple[bytes, bytes]:
    import c2pa

    info = c2pa.C2paSignerInfo(
        credentials.algorithm.encode(), credentials.certificates.encode(), credentials.key.encode(), authority
    )
    out = io.BytesIO()
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(settings), c2pa.Signer.from_info(info))
        with c2pa.Builder(said, context) as builder:
            store = builder.sign(said["format"], source, out)
    except c2pa.C2paError as error:
        raise SigningFailed(f"the file cannot be signed ({error}); check the chain: homage keys list") from error
    return out.getvalue(), bytes(store)


class SigningFailed(Unavailable):
    """A file could not be signed: the chain does not fit, or the file cannot carry a manifest."""


class Trusting(Protocol):
    """Who knows whom to believe: a house's chain, or a snapshot of it."""

    @property
    def trust(self) -> str:
        """See `Chain.trust`."""
        ...


class Reading:
    """A file's manifest that is being read in a child process; `result()` waits for it."""

    def __init__(self, path: Path, chain: Trusting) -> None:
        self._child = jail.start("attribution.manifest:raw", path, chain.trust, box=jail.Box(answer=4 << 20))

    def result(self) -> Statement:
        """Never raises on account of the file: what cannot be read is `damaged`."""
        try:
            return Statement(**json.loads(self._child.result()))
        except (jail.Refused, jail.Crashed):
            return DAMAGED


def read(path: Path, *, chain: Chain) -> Statement:
    """What the file's manifest says; nothing is raised on account of the file. Raises ChainUnusable."""
    return Reading(path, chain).result()


def raw(path: Path, trust: str) -> bytes:
    """In the child: the statement as JSON. `trust`: `Chain.trust`."""
    return json.dumps(vars(_statement(path, json.loads(trust)))).encode()


def _statement(path: Path, trust: dict[str, Any]) -> Statement:
    import c2pa

    with path.open("rb") as file:
        kind = _kind(file)
        if kind is None:
            return NO_STATEMENT
        file.seek(0)
        try:
            context = c2pa.Context(c2pa.Settings.from_dict(_settings(trust["roots"])))
            reader = c2pa.Reader(kind, file, context=context)
            if _leaf(reader) not in trust["leaves"]:
                return STRANGER
        except c2pa.C2paError as error:
            return NO_STATEMENT if "ManifestNotFound" in f"{type(error).__name__} {error}" else DAMAGED
        active = (reader.get_validation_results() or {}).get("activeManifest", {})
        passed, failed = ({x.get("code", "") for x in active.get(kind, [])} for kind in ("success", "failure"))
        state, detail = _judge(reader.get_validation_state(), passed, failed)
        # What a stranger wrote is not handed on at all.
        ours = state in ("trusted", "broken")
        return Statement(state, _quoted(reader.get_active_manifest() or {}) if ours else None, detail)


def _leaf(reader: Any) -> str | None:
    """The identity of the certificate that the active manifest's signature names first."""
    told = json.loads(reader.crjson())
    label = json.loads(reader.json()).get("active_manifest")
    found = [one for one in told.get("manifests", []) if one.get("label") == label]
    said = found[0].get("signature", {}).get("certificateInfo", {}) if len(found) == 1 else {}
    try:
        return identity(said["serialNumber"], said["validity"]["notBefore"], said["validity"]["notAfter"])
    except (KeyError, TypeError, ValueError):
        return None


def _judge(state: str | None, passed: set[str], failed: set[str]) -> tuple[State, str]:
    """What a manifest by a leaf of ours is worth. One that is ours and whole, in a file that is not, is `broken`."""
    if state == "Trusted" and not failed:
        return "trusted", "signed here, unchanged since"
    if _RAN_OUT in failed:
        return (
            "untrusted",
            "signed with a certificate of this house that has run out, and no time stamp from before that is believed",
        )
    if any(code.startswith("signingCredential") for code in failed):
        return STRANGER.state, STRANGER.detail
    if passed >= {"signingCredential.trusted", "claimSignature.validated"} and failed in _MOVED:
        return "broken", "signed here, but changed since or taken from another file"
    return DAMAGED.state, DAMAGED.detail


def _quoted(manifest: dict[str, Any]) -> dict[str, Any] | None:
    for assertion in manifest.get("assertions", []):
        if assertion.get("label") == definition.CLAIM and isinstance(assertion.get("data"), dict):
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


def _settings(roots: str, *, thumbnails: bool = False) -> dict[str, Any]:
    """Travels in a context, never in process-wide state. No network."""
    return {
        "verify": {
            "verify_trust": True,
            "verify_after_sign": True,
            "ocsp_fetch": False,
            "remote_manifest_fetch": False,
        },
        "trust": {"user_anchors": roots},
        "builder": {"thumbnail": {"enabled": thumbnails}},
    }
