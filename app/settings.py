"""Settings of one house: from the environment (`HOMAGE_…`, nested by `__`), read here and nowhere below `app`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, IPvAnyNetwork, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from core.errors import Invalid

ROOT = Path(__file__).resolve().parent.parent


class BadSettings(Invalid):
    """A setting cannot be used."""


class Database(BaseModel):
    """Where the truth is kept."""

    url: str | None = Field(
        default=None, description="a Postgres URL; without one the embedded server under `var` is used"
    )

    @property
    def driver_url(self) -> str:
        """The URL with the driver's name in it, as SQLAlchemy wants it."""
        plain = str(self.url).replace("postgres://", "postgresql://", 1)
        return plain.replace("postgresql://", "postgresql+psycopg://", 1)


class Fees(BaseModel):
    """What the house itself takes from a fee. Shown in every quote, receipt and statement."""

    platform_ppm: int = Field(default=150_000, ge=0, le=1_000_000, description="the platform's share, in millionths")
    compute: str = Field(default="0.02", description="the fixed price of computing one work, in dollars")


class Mail(BaseModel):
    """The mail server that takes what the house sends; without one its mails stay in the outbox."""

    host: str | None = Field(default=None, description="the mail server's name")
    port: int = Field(default=587, ge=1, le=65535, description="its port")
    user: str | None = Field(default=None, description="whom to sign in as, if it asks for that")
    password: SecretStr | None = Field(default=None, description="and with which password")
    sender: str | None = Field(default=None, description="whom mails are from, like Homage <mail@example.org>")
    tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection is encrypted: after greeting, from the start, or not at all"
    )


class Serving(BaseModel):
    """Where the server listens, and whom it believes."""

    host: str = Field(default="127.0.0.1", description="the address to listen at; 0.0.0.0 is every one of this machine")
    port: int = Field(default=8000, ge=1, le=65535, description="the port to listen at")
    proxies: tuple[str, ...] = Field(
        default=(), description="addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed"
    )


class Index(BaseModel):
    """Where registered works are looked up."""

    searched: str = Field(
        default="local", description="by whom: `local` is each process itself, `ray` or ray://host:10001 a Ray cluster"
    )
    storage: str | None = Field(
        default=None,
        description="where the index's files are, as s3://bucket/prefix; else in a folder under `var`",
    )


class Cors(BaseModel):
    """Which other sites' pages may call the API from a browser."""

    origins: tuple[str, ...] = Field(default=(), description="such as https://example.org; none by default")


class Uploading(BaseModel):
    """How much may lie here on its way in."""

    most_bytes: int = Field(default=4 << 30, gt=0, description="of one upload")
    most_bytes_each: int = Field(default=8 << 30, gt=0, description="of all uploads of one person together")


class Signing(BaseModel):
    """What manifests have beside the signature."""

    time_authority: str | None = Field(
        default=None, description="the address of an authority that stamps signatures with the time (RFC 3161)"
    )
    time_roots: Path | None = Field(
        default=None, description="a file (PEM) of the roots that its stamps must lead to, to be believed"
    )
    thumbnails: bool = Field(default=False, description="whether manifests hold small pictures of what is signed")


class Fetching(BaseModel):
    """Where the house sends requests that strangers name: their webhooks, files that they verify by address."""

    private: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="networks that are asked though they are not public, such as 10.1.0.0/16"
    )
    ports: tuple[int, ...] = Field(default=(), description="ports that are asked beside 80 and 443")


class Limits(BaseModel):
    """How much one caller may ask for. Most requests cost one unit, costly ones more, thumbnails none; 0: no limit."""

    per_minute: int = Field(default=600, ge=0, description="units for each person, and for their API keys together")
    anonymous_per_minute: int = Field(
        default=240, ge=0, description="units for each address that nobody signed in from"
    )


class Settings(BaseSettings):
    """Everything an operator may set."""

    model_config = SettingsConfigDict(env_prefix="HOMAGE_", env_nested_delimiter="__", extra="forbid")

    env: Literal["dev", "production"] = Field(
        default="dev", description="production refuses what is meant for trying out"
    )
    var: Path = Field(
        default=ROOT / "var", description="the folder for the embedded database, files, keys and the demo"
    )
    database: Database = Database()
    fees: Fees = Fees()
    public_url: str | None = Field(
        default=None, description="how people reach this house: what links in mails begin with; else this machine"
    )
    mail: Mail = Mail()
    serve: Serving = Serving()
    cors: Cors = Cors()
    index: Index = Index()
    uploads: Uploading = Uploading()
    limits: Limits = Limits()
    signing: Signing = Signing()
    fetching: Fetching = Fetching()
    engines: tuple[str, ...] = Field(
        default=("patchwork", "chorale", "mosaic", "reed"), description="which installed engines are admitted"
    )
    separators: tuple[str, ...] = Field(default=(), description="which installed separators of voices are admitted")
    engine_device: str = Field(default="cpu", description="what they compute on: cpu, cuda or one of several as cuda:1")
    lease_seconds: float = Field(
        default=30, gt=0.5, le=3600, description="how long a worker may be silent before its work is requeued"
    )
    log: Literal["text", "json"] = Field(default="text", description="how log lines look on stderr")

    @model_validator(mode="after")
    def _a_postgres(self) -> Settings:
        url = self.database.url
        if url is not None and not url.startswith(("postgresql://", "postgresql+psycopg://", "postgres://")):
            raise ValueError("HOMAGE_DATABASE__URL begins with postgresql://")
        return self

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if not re.fullmatch(r"https?://[^/?#@\s]+/?", url):
            raise ValueError("HOMAGE_PUBLIC_URL is scheme and host, like https://homage.example.org")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _no_stand_ins_in_production(self) -> Settings:
        if self.env == "production" and self.database.url is None:
            raise ValueError("production needs HOMAGE_DATABASE__URL; the embedded server is for one machine")
        if self.env == "production" and self.mail.host is None:
            raise ValueError("production needs HOMAGE_MAIL__HOST; without a mail server nobody can confirm an address")
        return self

    @model_validator(mode="after")
    def _mails_that_can_be_answered(self) -> Settings:
        if self.mail.host is not None and (self.mail.sender is None or self.public_url is None):
            raise ValueError(
                "HOMAGE_MAIL__HOST needs HOMAGE_MAIL__SENDER, and HOMAGE_PUBLIC_URL for the links in mails"
            )
        return self

    @property
    def address(self) -> str:
        """What links to this house begin with."""
        return self.public_url or f"http://127.0.0.1:{self.serve.port}"


def load(**overrides: object) -> Settings:
    """Settings from the environment. Raises BadSettings with one line per fault."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates
    except SettingsError as error:
        raise BadSettings(f'cannot use these settings: {error}; write lists as JSON, like ["patchwork"]') from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(p) for p in e['loc']) or 'settings'}: {e['msg']}" for e in error.errors())
        raise BadSettings(f"cannot use these settings: {faults}") from error
