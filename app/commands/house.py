"""`up`, `demo`, `worker`, `openapi` and `db`: running a house."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import show
from core.errors import Invalid

if TYPE_CHECKING:
    from app.house import House
    from app.settings import Settings

db = typer.Typer(help="The database.", no_args_is_help=True)


def up(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, metavar="N", help="where to listen; else HOMAGE_SERVE__PORT, or 8000"),
    ] = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="else HOMAGE_SERVE__HOST, or this machine alone")
    ] = None,
    work: Annotated[bool, typer.Option("--worker/--no-worker", help="whether a worker runs beside the server")] = True,
) -> None:
    """Start the database, the pages, the API and a worker, on one port; the first time, run the main job before."""
    from app import crew, logs, settings
    from app.house import House

    chosen = {"HOMAGE_SERVE__PORT": port, "HOMAGE_SERVE__HOST": host}
    os.environ.update({name: str(value) for name, value in chosen.items() if value is not None})  # the crew's, too
    config = settings.load()
    logs.configure(config.log, level=logging.WARNING)
    with crew.listen(config.serve.host, config.serve.port) as listener, House(config) as house:
        if config.engine_device != "cpu":  # one that is not there is told now, not by each worker that dies of it
            for name in config.engines:
                house.catalog.get(name)
        if house.has_processor and not _has_shown(house):
            _first_run()
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        crew.run(listener, worker=work, stop=stop, ready=lambda: _greet(config, work=work))
    show.note("stopped")


def demo() -> None:
    """A photograph becomes a work in a licensed artist's style: made, paid, sealed, verified."""
    from app import logs, settings
    from app.demo import run
    from app.house import House

    config = settings.load()
    logs.configure(config.log, level=logging.WARNING)
    with House(config) as house:
        _ = house.processor  # the demo pays by rehearsal: where that is refused, nothing is begun
        run.main_job(house)


def openapi(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="where to write it; else it is printed")
    ] = None,
) -> None:
    """The API's description (OpenAPI 3.1), without starting anything."""
    from app import settings
    from app.house import House
    from app.main import create_app

    text = json.dumps(create_app(House(settings.load())).openapi(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        show.out(text.rstrip())
        return
    try:
        out.write_text(text)
    except OSError as error:
        raise Invalid(f"cannot write {out}: {error.strerror}; name a file in a folder that exists") from error


def worker(
    *,
    engines: Annotated[
        str | None, typer.Option(metavar="NAMES", help="comma-separated; else all that are admitted")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="make what is queued now, then end")] = False,
) -> None:
    """Make queued works until stopped. Stop it however you like: nothing is lost, nothing is charged twice."""
    from app import logs, settings
    from app.house import House
    from app.worker import Worker

    config = settings.load()
    logs.configure(config.log)
    with House(config) as house:
        names = tuple(x.strip() for x in engines.split(",") if x.strip()) if engines is not None else None
        if names == ():
            raise Invalid("--engines names no engine; leave it out for all that are admitted")
        crew = Worker(house, engines=names)
        for name in crew.engines:
            house.catalog.get(name)  # an unknown engine is refused now, not at its first work
        if once:
            show.out(f"works taken up: {crew.once()}")
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        from app.background import Background
        from app.webhooks.courier import Courier

        with Background(house), Courier(house):
            crew.run(stop)


@db.command("status")
def status() -> None:
    """Where the database is, and whether it answers."""
    from app import settings

    config = settings.load()
    if config.database.url is not None:
        from core import db as database

        engine = database.connect(config.database.driver_url)
        with engine.connect():
            show.out(f"a server of your own, it answers: {engine.url.render_as_string(hide_password=True)}")
        engine.dispose()
        return
    from core.postgres import EmbeddedPostgres

    pid = EmbeddedPostgres(config.var / "postgres").status()
    show.out(f"embedded, {'running (pid ' + str(pid) + ')' if pid else 'stopped'}, in {config.var / 'postgres'}")


@db.command("migrate")
def migrate() -> None:
    """Bring the schema up to date."""
    from app import migrations, settings
    from app.house import House

    with House(settings.load()) as house:
        show.out(f"schema at {migrations.current(house.engine)}")


@db.command("start")
def start() -> None:
    """Start the embedded server and leave it running."""
    from app import settings
    from app.house import House

    house = House(settings.load())
    if house.postgres is None:
        raise Invalid("HOMAGE_DATABASE__URL names a server of your own; start that one, or unset it")
    show.out(f"running: {house.url}")
    house.postgres.leave_running()


@db.command("stop")
def stop() -> None:
    """Stop the embedded server, whoever left it running."""
    from app import settings
    from core.postgres import EmbeddedPostgres

    config = settings.load()
    postgres = EmbeddedPostgres(config.var / "postgres")
    if postgres.status() is None:
        show.out("it was not running")
        return
    postgres.stop(force=True)
    show.out("stopped; a worker that still runs will start it again")


def _has_shown(house: House) -> bool:
    """Whether the main job has left its work in this folder and in this database."""
    from generation.models import Work

    try:
        receipt = json.loads((house.settings.var / "demo" / "receipt.json").read_text())
    except (OSError, ValueError):
        return False
    with house.sessions() as session:
        return session.get(Work, receipt.get("work", "")) is not None


def _first_run() -> None:
    """The main job, in a process of its own: what drawing takes of memory is given back before the crew starts."""
    done = subprocess.run([sys.executable, "-m", "app.child", str(os.getpid()), "demo"])
    if done.returncode != 0:
        raise typer.Exit(done.returncode if done.returncode > 0 else 1)


def _greet(config: Settings, *, work: bool) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.serve.host, config.serve.host)  # noqa: S104  # shown
    show.out(f"\nHomage is at http://{host}:{config.serve.port}   (Ctrl-C ends it)")
    show.out("  make a picture in a licensed style:      sign up on the page, then open the studio")
    show.out("  let others license your style:           sign up on the page, then open my styles")
    show.out("  see the accounts as the house's staff:   .venv/bin/homage admin create")
    if not work:
        show.out("  no worker runs here; works wait for one: .venv/bin/homage worker")
    sys.stdout.flush()
