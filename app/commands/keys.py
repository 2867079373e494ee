"""`keys`: the certificates that works are signed with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import show
from core.errors import Invalid

if TYPE_CHECKING:
    from attribution.chain import Chain, Kept


class Rotated(StrEnum):
    """Secrets that can be replaced."""

    MARKS = "marks"


keys = typer.Typer(help="The certificates that works are signed with.", no_args_is_help=True)


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

    here = _chain()
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
    """The certificates of this house: the one that signs, and those before it."""
    kept = _chain().kept()
    if as_json:
        show.document([_document(one) for one in kept])
        return
    for one in kept:
        show.out(_line(one))
    if not kept:
        show.out("there is none yet; the house makes its own when it seals its first work")


@keys.command("rotate")
def rotate(
    what: Annotated[Rotated, typer.Argument(metavar="WHAT", help="marks: the secret that works are marked with")],
) -> None:
    """Take a new secret from now on, for when the old one may be known to others. What was made with it stays known."""
    from attribution.marks.secrets import Secrets
    from core.clock import SYSTEM

    assert what is Rotated.MARKS
    number = Secrets(show.existing_settings().var / "marks").rotate(SYSTEM.now())
    show.out(f"works are marked with secret {number} from now on; keep a copy of var/marks")


def _chain() -> Chain:
    """The house's chains; no database is asked for them."""
    from app import settings
    from app.house import House

    return House(settings.load()).chain


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
