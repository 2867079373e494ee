"""`keys`: what works, verdicts, snapshots and receipts are signed with, and what works are marked with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import show
from core.errors import Invalid

if TYPE_CHECKING:
    from app.house import House
    from attribution.chain import Kept
    from core.signatures import SigningKey


class Rotated(StrEnum):
    """Secrets that can be replaced."""

    MARKS = "marks"
    VERDICTS = "verdicts"
    SNAPSHOTS = "snapshots"
    RECEIPTS = "receipts"


keys = typer.Typer(help="What works, verdicts, snapshots and receipts are signed with.", no_args_is_help=True)


@keys.command("import")
def take(
    chain: Annotated[Path, typer.Argument(metavar="CHAIN.pem", help="the certificate, then whoever issued it, …")],
    key: Annotated[Path, typer.Argument(metavar="KEY.pem", help="its private key, not encrypted")],
    *,
    root: Annotated[
        Path | None, typer.Option(metavar="ROOT.pem", help="the issuer's root, where the chain ends below it")
    ] = None,
) -> None:
    """Sign works with this certificate from now on. What was signed before is believed as before."""
    from attribution import certificates, manifest

    here = _house().chain
    new = certificates.checked(
        chain=_text(chain),
        key=_text(key),
        root=None if root is None else _text(root),
        at=here.clock.now(),
    )
    manifest.tried(new, here)
    show.out(_line(here.take(new)))


@keys.command("list")
def tell(as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False) -> None:
    """The certificates and keys of this house: those that sign, and those before them."""
    house = _house()
    kept = house.chain.kept()
    signers = {name: signer.keys() for name, signer in house.signers.items()}
    if as_json:
        told = {name: [_key_document(key) for key in keys] for name, keys in signers.items()}
        show.document({"certificates": [_document(one) for one in kept], **told})
        return
    for one in kept:
        show.out(_line(one))
    if not kept:
        show.out("there is no certificate yet; the house makes its own when it seals its first work")
    for name, keys in signers.items():
        for key in keys:
            show.out(_key_line(name, key))


@keys.command("rotate")
def rotate(
    what: Annotated[
        Rotated,
        typer.Argument(metavar="WHAT", help="what is signed: verdicts, snapshots or receipts; or marks"),
    ],
) -> None:
    """Take a new key or secret from now on, for when the old one may be known to others.

    What was marked with the old secret is read as before. What was signed with the old key verifies as before, if it
    says that it was signed before.
    """
    from core.clock import SYSTEM

    var = show.existing_settings().var
    if what is Rotated.MARKS:
        from attribution.marks.secrets import Secrets

        number = Secrets(var / "marks").rotate(SYSTEM.now())
        show.out(f"works are marked with secret {number} from now on; keep a copy of var/marks")
        return
    new = _house().signers[what.value].rotate(SYSTEM.now())
    show.out(f"{what.value} are signed with key {new.kid} from now on; keep a copy of var/{what.value}")


def _house() -> House:
    """The house, whose database is not asked here."""
    from app import settings
    from app.house import House

    return House(settings.load())


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise Invalid(f"cannot read {path}: {why}; name a file in PEM form") from error


def _document(kept: Kept) -> dict[str, Any]:
    leaf = kept.credentials.leaf
    return {
        "sha256": kept.credentials.fingerprint,
        "subject": leaf.subject.rfc4514_string(),
        "issuer": leaf.issuer.rfc4514_string(),
        "begins_at": leaf.not_valid_before_utc.isoformat(),
        "ends_at": leaf.not_valid_after_utc.isoformat(),
        "algorithm": kept.credentials.algorithm,
        "signs": kept.signs,
        "own": not kept.name,
    }


def _line(kept: Kept) -> str:
    said = _document(kept)
    use = "signs" if kept.signs else "retired"
    return f"{use:<8} {said['sha256'][:16]}  until {said['ends_at'][:10]}  {said['subject']}, by {said['issuer']}"


def _key_document(key: SigningKey) -> dict[str, Any]:
    retired = None if key.retired_at is None else key.retired_at.isoformat()
    return {"kid": key.kid, "since": key.since.isoformat(), "retired_at": retired, "signs": retired is None}


def _key_line(purpose: str, key: SigningKey) -> str:
    use = "signs" if key.retired_at is None else "retired"
    until = "" if key.retired_at is None else f" until {key.retired_at:%Y-%m-%d}"
    return f"{use:<8} {key.kid}  {purpose} since {key.since:%Y-%m-%d}{until}"
