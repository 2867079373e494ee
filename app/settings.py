"""Settings of one house: from the environment (`HOMAGE_…`, nested by `__`), read here and nowhere below `app`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError, model_validator
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
    engines: tuple[str, ...] = Field(default=("patchwork",), description="which installed engines are admitted")
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

    @model_validator(mode="after")
    def _no_stand_ins_in_production(self) -> Settings:
        if self.env == "production" and self.database.url is None:
            raise ValueError("production needs HOMAGE_DATABASE__URL; the embedded server is for one machine")
        return self


def load(**overrides: object) -> Settings:
    """Settings from the environment. Raises BadSettings with one line per fault."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic validates
    except SettingsError as error:
        raise BadSettings(f'cannot use these settings: {error}; write lists as JSON, like ["patchwork"]') from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(p) for p in e['loc']) or 'settings'}: {e['msg']}" for e in error.errors())
        raise BadSettings(f"cannot use these settings: {faults}") from error
