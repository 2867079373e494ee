"""`up`, `demo`, `worker` and `db`: running a house."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from app.commands import show
from core.errors import Invalid

db = typer.Typer(help="The database.", no_args_is_help=True)


def up() -> None:
    """Start the database, bring its schema up to date, run the main job once."""
    _demo()
    show.out()
    show.out("The server and its pages come with the next release; until then this ends here.")
    show.out("Your own pictures: .venv/bin/homage stylize --style FOLDER --content PHOTO --out WORK.png")


def demo() -> None:
    """A photograph becomes a work in a licensed artist's style: made, paid, sealed, verified."""
    _demo()


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

        with Background(house):
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


def _demo() -> Path:
    from app import logs, settings
    from app.demo import run
    from app.house import House

    config = settings.load()
    logs.configure(config.log, level=30)
    with House(config) as house:
        _ = house.processor  # the demo pays by rehearsal: where that is refused, nothing is begun
        return run.main_job(house)
