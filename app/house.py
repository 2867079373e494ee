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
from core.limits import Hourly, Meter, Turns
from core.money import Money
from core.networks import PUBLIC, Network
from core.postgres import EmbeddedPostgres
from core.progress import Hub
from core.signatures import RECEIPT, SNAPSHOT, VERDICT, Signer
from core.spool import Spool
from core.uploads import Uploads

if TYPE_CHECKING:  # a question about a file loads neither the workshop nor the processors
    from app.mail import Postbox
    from attribution.chain import Chain
    from attribution.indexes import Indexes
    from attribution.tools import Tools
    from core.web import Sandbox
    from creators.hearings import Hearings
    from creators.looks import Looks
    from generation.catalog import Catalog
    from generation.workshop import Workshop
    from licensing.desk import Desk
    from licensing.snapshots.shelf import Shelf
    from licensing.verification_schemas import HouseOut
    from licensing.window import Windows
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
        ports = {"jobs": self.jobs, "indexes": lambda: self.indexes}
        return sessionmaker(self.engine, expire_on_commit=False, info=ports)

    @cached_property
    def indexes(self) -> Indexes:
        """Where registered pictures and recordings are looked up."""
        from attribution import indexes

        index = self.settings.index
        return indexes.over(self.sessions, self.settings.var / "segments", place=index.storage, searched=index.searched)

    @property
    def public_url(self) -> str | None:
        """How others reach this house, if the operator has said so."""
        return self.settings.public_url

    @cached_property
    def conninfo(self) -> str:
        """The same database in libpq's form, for LISTEN and the job queue."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    @cached_property
    def hub(self) -> Hub:
        """Hears of works for all who follow one; it listens from when it is first asked for."""
        return Hub(self.conninfo).start()

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.conninfo)

    @cached_property
    def blobs(self) -> LocalBlobs:
        return LocalBlobs(self.settings.var / "blobs")

    @cached_property
    def verifying(self) -> Turns:
        """Files that are decoded for a question: the largest takes more than a gigabyte of memory while it is."""
        return Turns(2, queue=8, seconds=10)

    @cached_property
    def near_copies(self) -> Hourly:
        """Of which works changed copies are asked about, whoever asks."""
        return Hourly()

    @cached_property
    def about(self) -> HouseOut:
        """Who answers questions about files here."""
        from importlib import metadata

        from licensing.verification_schemas import HouseOut

        return HouseOut(name="Homage", version=metadata.version("homage"))

    def desk(self, meter: Meter, *, all_of_it: bool, sandbox: Sandbox | None = None) -> Desk:
        """Where one request's questions about files are answered, or one batch's; in the sandbox, if it is for one."""
        from licensing.desk import Desk

        desk = Desk(
            sessions=self.sessions,
            tools=self.tools,
            turns=self.verifying,
            downloading=self.downloading,
            clock=self.clock,
            meter=meter,
            near_copies=self.near_copies,
            network=self.network,
            signer=self.verdict_keys,
            issuer=self.settings.address,
            all_of_it=all_of_it,
        )
        if sandbox is None:
            return desk
        from licensing.sandbox.desk import SandboxDesk

        return SandboxDesk.like(desk, at=sandbox.at)

    @cached_property
    def snapshots(self) -> Shelf:
        """Where snapshots for offline use lie."""
        from licensing.snapshots.shelf import Shelf

        return Shelf(
            self.settings.var / "kits",
            signer=self.snapshot_keys,
            house=self.settings.address,
            trust=lambda: self.chain.trust if self.chain.there else "",
        )

    @cached_property
    def windows(self) -> Windows:
        """Where questions that come at the same time are gathered."""
        from licensing.window import Windows

        return Windows()

    @cached_property
    def batches(self) -> Spool:
        """Where questions lie that came in bulk, and their answers."""
        return Spool(self.settings.var / "batches", most_bytes=256 << 20)

    @cached_property
    def downloading(self) -> Turns:
        """Files that are downloaded for a question, for half a minute at most."""
        return Turns(4, queue=8, seconds=10)

    @cached_property
    def taking(self) -> Turns:
        """Works that are measured and stored as they come in, some seconds each: whoever sends many at once waits."""
        return Turns(2, queue=12, seconds=60)

    @cached_property
    def uploads(self) -> Uploads:
        limits = self.settings.uploads
        return Uploads(self.settings.var / "uploads", limits.most_bytes, limits.most_bytes_each)

    @cached_property
    def network(self) -> Network:
        """What requests may reach whose address somebody else named."""
        fetching = self.settings.fetching
        return Network(fetching.private, PUBLIC.ports | set(fetching.ports))

    @cached_property
    def spool(self) -> Spool:
        """Where usage reports lie until they are taken."""
        return Spool(self.settings.var / "spool")

    @cached_property
    def looks(self) -> Looks:
        from creators.looks import Looks

        return Looks()

    @cached_property
    def hearings(self) -> Hearings:
        from creators.hearings import Hearings

        return Hearings()

    @cached_property
    def keys(self) -> FileKeystore:
        return FileKeystore(self.settings.var / "keys")

    @cached_property
    def verdict_keys(self) -> Signer:
        """What verdicts are signed with."""
        return Signer(self.settings.var / "verdicts", typ=VERDICT)

    @cached_property
    def snapshot_keys(self) -> Signer:
        """What snapshots for offline use are signed with."""
        return Signer(self.settings.var / "snapshots", typ=SNAPSHOT)

    @cached_property
    def receipt_keys(self) -> Signer:
        """What receipts for kept manifests are signed with."""
        return Signer(self.settings.var / "receipts", typ=RECEIPT)

    @property
    def signers(self) -> dict[str, Signer]:
        """All of them, by what they sign."""
        return {"verdicts": self.verdict_keys, "snapshots": self.snapshot_keys, "receipts": self.receipt_keys}

    @cached_property
    def tools(self) -> Tools:
        """What works are signed and marked with."""
        from attribution.marks.secrets import Secrets
        from attribution.tools import Tools

        return Tools(self.chain, Secrets(self.settings.var / "marks"))

    @cached_property
    def chain(self) -> Chain:
        from attribution.chain import Chain

        signing = self.settings.signing
        return Chain(
            self.settings.var / "chain",
            clock=self.clock,
            time_authority=signing.time_authority,
            time_roots=signing.time_roots,
            thumbnails=signing.thumbnails,
        )

    @cached_property
    def catalog(self) -> Catalog:
        from generation.catalog import Catalog

        return Catalog(self.settings.engines, self.settings.engine_device)

    @cached_property
    def policy(self) -> FeePolicy:
        from payments.entries import FeePolicy

        return FeePolicy(platform_ppm=self.settings.fees.platform_ppm, compute=Money.parse(self.settings.fees.compute))

    @cached_property
    def post(self) -> Postbox:
        """Where mails are put, to be sent or to lie in the outbox."""
        from app.mail import Postbox, Smtp

        mail, smtp = self.settings.mail, None
        if mail.host is not None:
            password = mail.password.get_secret_value() if mail.password else None
            smtp = Smtp(mail.host, mail.port, mail.user, password, str(mail.sender), mail.tls)
        return Postbox(self.settings.address, smtp, rehearses=self.settings.env == "dev" and smtp is None)

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
            tools=self.tools,
            clock=self.clock,
            lease=self.lease,
        )

    def revive(self) -> None:
        """Bring the embedded server back after it died; a server elsewhere comes back by itself."""
        if self.postgres is not None:
            self.postgres.start()

    def close(self) -> None:
        if "hub" in vars(self):
            self.hub.stop()
        if "engine" in vars(self):
            self.engine.dispose()
        if "postgres" in vars(self) and self.postgres is not None:
            self.postgres.stop()

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
