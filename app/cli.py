"""`homage`: the command line. Results on stdout; progress, logs and one-line errors on stderr."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import metadata
from types import FrameType
from typing import Annotated

# One thread per process, and waiting threads sleep: two workers on two cores beat two threads that spin, and a re-run
# at one thread gives the same bytes. Set before any numeric library is loaded; a user's own setting wins.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import typer

from app.commands import (
    admin,
    catalogue,
    engine,
    house,
    index,
    inspect,
    keys,
    money,
    platform,
    reed,
    registering,
    show,
    snapshot,
    sound,
    usage,
    verdict,
    works,
)
from core.errors import HomageError

app = typer.Typer(
    name="homage",
    help="License a creator's style, make works in it, and share what they earn, to the last unit.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="print the version, and end")] = False,
) -> None:
    if version:
        show.out(f"homage {metadata.version('homage')}")
        raise typer.Exit


app.command("up")(house.up)
app.command("demo")(house.demo)
app.command("worker")(house.worker)
app.command("openapi")(house.openapi)
app.add_typer(house.db, name="db")
app.add_typer(admin.admin, name="admin")
app.add_typer(keys.keys, name="keys")
app.add_typer(verdict.verdict, name="verdict")
app.add_typer(snapshot.snapshot, name="snapshot")
app.add_typer(index.index, name="index")
works.works.command("register")(registering.register)
app.add_typer(works.works, name="works")
app.command("stylize")(engine.stylize)
app.command("compose")(engine.compose)
app.command("revoice")(sound.revoice)
app.command("mosaic")(catalogue.mosaic)
app.command("extend")(catalogue.extend)
app.command("reed")(reed.reed)
app.command("replay")(engine.replay)
app.command("inspect")(inspect.inspect)
app.command("verify")(platform.verify)
app.command("audit")(money.audit)
app.command("statement")(money.statement)
app.command("report")(usage.report)


def main() -> None:
    """Run the command."""
    guarded(app)


def guarded(run: Callable[[], None]) -> None:
    """Run it; what a person can act on becomes one line, and exit code 1."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        run()
    except HomageError as error:
        sys.stderr.write(f"homage: {error.message}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("homage: stopped\n")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        sys.stderr.write(f"homage: cannot use{where}: {error.strerror or error}; check HOMAGE_VAR and the disk\n")
        sys.exit(1)
    except Exception as error:
        _tell_if_lost(error)
        raise


def _tell_if_lost(error: Exception) -> None:
    """A database that is away is nobody's bug: one line, then the end."""
    from core import db

    if db.lost(error):
        said = str(getattr(error, "orig", error)).strip().splitlines() or ["no word from it"]
        sys.stderr.write(f"homage: the database cannot be reached ({said[0]}); check HOMAGE_DATABASE__URL, try again\n")
        sys.exit(1)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    main()
