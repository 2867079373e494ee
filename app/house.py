"""The house: the only place where ports meet adapters. Each port is made, and loaded, when first asked for."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.engine import Engine
from sqlalchemy.orm import sessionmaker

from app import migrations
from app.settings import Settings
from core import clock, db
from core.blobs import LocalBlobs
from core.errors import NotFound, Unavailable
from core.jobs import Jobs
from core.keys import FileKeystore
from core.money import Money
from core.postgres import EmbeddedPostgres

if TYPE_CHECKING:  # a question about a file loads neither the workshop nor the processors
    from attribution.chain import Chain
    from generation.catalog import Catalog
    from generation.workshop import Workshop
    from payments.entries import FeePolicy
    from payments.processor import Processor

DATABASE = "homage"


class NoHouse(NotFound):
    """Nothing has been set up in this folder."""


class NoProcessor(Unavailable):
    """Nobody could charge for this."""


class House:
    """One running Homage. Tests build as many as they like."""

    def __init__(self, settings: Settings, *, clock: clock.Clock = clock.SYSTEM) -> None:
        self.settings = settings
        self.clock = clock

    @cached_property
    def postgres(self) -> EmbeddedPostgres | None:
        """The embedded server, or None where a URL names another."""
        if self.settings.database.url is not None:
            return None
        return EmbeddedPostgres(self.settings.var / "postgres")

    @cached_property
    def url(self) -> str:
        """SQLAlchemy URL of a database that answers."""
        if self.postgres is None:
            return self.settings.database.driver_url
        self.postgres.start()
        self.postgres.ensure_database(DATABASE)
        return self.postgres.url(DATABASE)

    @cached_property
    def engine(self) -> Engine:
        engine = db.connect(self.url)
        migrations.upgrade(engine)
        return engine

    @cached_property
    def sessions(self) -> db.Sessions:
        return sessionmaker(self.engine, expire_on_commit=False, info={"jobs": self.jobs})

    @cached_property
    def conninfo(self) -> str:
        """The same database in libpq's form, for LISTEN and the job queue."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.conninfo)

    @cached_property
    def blobs(self) -> LocalBlobs:
        return LocalBlobs(self.settings.var / "blobs")

    @cached_property
    def keys(self) -> FileKeystore:
        return FileKeystore(self.settings.var / "keys")

    @cached_property
    def chain(self) -> Chain:
        from attribution.chain import Chain

        return Chain(self.settings.var / "chain")

    @cached_property
    def catalog(self) -> Catalog:
        from generation.catalog import Catalog

        return Catalog(self.settings.engines)

    @cached_property
    def policy(self) -> FeePolicy:
        from payments.entries import FeePolicy

        return FeePolicy(platform_ppm=self.settings.fees.platform_ppm, compute=Money.parse(self.settings.fees.compute))

    @property
    def has_processor(self) -> bool:
        return self.settings.env != "production"

    @cached_property
    def processor(self) -> Processor:
        """Who charges people: for now the rehearsal, which moves no money and is refused in production."""
        if not self.has_processor:
            raise NoProcessor("no payment processor is set up; production takes no rehearsed payments")
        from payments.processors.rehearsal import RehearsalProcessor

        return RehearsalProcessor()

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)

    @cached_property
    def workshop(self) -> Workshop:
        from generation.workshop import Workshop

        return Workshop(
            sessions=self.sessions,
            blobs=self.blobs,
            keys=self.keys,
            catalog=self.catalog,
            chain=self.chain,
            clock=self.clock,
            lease=self.lease,
        )

    def revive(self) -> None:
        """Bring the embedded server back after it died; a server elsewhere comes back by itself."""
        if self.postgres is not None:
            self.postgres.start()

    def close(self) -> None:
        if "engine" in vars(self):
            self.engine.dispose()
        if "postgres" in vars(self) and self.postgres is not None:
            self.postgres.stop()

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
