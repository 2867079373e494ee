"""A house with its API, for tests of doors: real database, files and keys, a toy engine, and callers at will."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from app.house import House
from app.main import create_app
from app.settings import Database, Settings
from core.web import Principal
from creators.models import Creator, Person
from tests.fakes import Toy
from tests.generation.world import World

WHO = "x-test-who"


@dataclass
class Doors:
    """`world` makes people and things through the nouns; `client(...)` calls the API as one of them."""

    root: Path
    database: str
    callers: dict[str, Principal] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        settings = Settings(var=self.root, database=Database(url=self.database), engines=("toy",))
        self.house = House(settings)
        self.house.catalog.add("toy", Toy())
        self.app: FastAPI = create_app(self.house)
        real = self.app.state.authenticate

        def authenticate(request: Request) -> Principal | None:
            given = self.callers.get(request.headers.get(WHO, ""))
            return given or real(request)

        self.app.state.authenticate = authenticate
        self.world = World(self.root, self.house.sessions)

    def client(
        self,
        person: Person | str | None = None,
        *,
        staff: bool = False,
        scopes: frozenset[str] | None = None,
    ) -> TestClient:
        """A client that calls as this person (nobody without one), with a session's or an API key's rights."""
        client = TestClient(self.app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
        if person is not None:
            id = person if isinstance(person, str) else person.id
            name = f"caller-{next(self._numbers)}"
            self.callers[name] = Principal(person=id, name="Somebody", staff=staff, scopes=scopes)
            client.headers[WHO] = name
        return client

    def creator(self, creator: str) -> TestClient:
        """A client for the person whose profile this is."""
        with self.house.sessions() as session:
            return self.client(session.get_one(Creator, creator).person)

    def close(self) -> None:
        self.house.close()
