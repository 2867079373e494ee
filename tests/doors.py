"""A house with its API, for tests of doors: real database, files and keys, a toy engine, and callers at will."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from app.house import House
from app.main import create_app
from app.settings import Database, Limits, Settings
from core.web import Principal
from creators.models import Creator, Person
from tests.fakes import Toy
from tests.generation.world import World

WHO = "x-test-who"
HERE = "http://127.0.0.1:8000"
PASSWORD = "a quiet green field"
KNOWN_ROUTES: dict[int, BaseRoute] = {}  # by the router that they are of


@dataclass
class Doors:
    """`world` makes people and things through the nouns; `client(...)` calls the API as one of them."""

    root: Path
    database: str
    limits: Limits = field(default_factory=lambda: Limits(per_minute=0, anonymous_per_minute=0))
    more: dict[str, Any] = field(default_factory=dict)  # settings
    callers: dict[str, Principal] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        settings = Settings(
            var=self.root, database=Database(url=self.database), engines=("toy",), limits=self.limits, **self.more
        )
        self.house = House(settings)
        self.house.catalog.add("toy", Toy())
        self.app: FastAPI = with_known_routes(create_app(self.house))
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
        base_url: str = HERE,
    ) -> TestClient:
        """A client that calls as this person (nobody without one), with a session's or an API key's rights."""
        client = TestClient(self.app, base_url=base_url, raise_server_exceptions=False)
        if person is not None:
            id = person if isinstance(person, str) else person.id
            name = f"caller-{next(self._numbers)}"
            self.callers[name] = Principal(person=id, name="Somebody", staff=staff, scopes=scopes)
            client.headers[WHO] = name
        return client

    def account(self, email: str = "ada@example.org", *, name: str = "Ada Marsh", base_url: str = HERE) -> TestClient:
        """A client that signed up for real and is signed in by its cookie, as one of our own pages would be."""
        client = self.client(base_url=base_url)
        client.headers["sec-fetch-site"] = "same-origin"
        asked = client.post("/v1/sign-up", json={"email": email, "name": name, "password": PASSWORD})
        token = asked.json()["rehearsed_mail"]["link"].partition("#token=")[2]
        opened = client.post("/v1/sign-up/confirm", json={"token": token})
        assert opened.status_code == 200, opened.text
        return client

    def creator(self, creator: str) -> TestClient:
        """A client for the person whose profile this is."""
        with self.house.sessions() as session:
            return self.client(session.get_one(Creator, creator).person)

    def close(self) -> None:
        self.house.close()


def with_known_routes(app: FastAPI) -> FastAPI:
    """The app with the floors' routes of the first one: FastAPI analyzes them anew for each app, when first asked.

    They find the house by the request, so any app may have them; that of the pages is bound to its own.
    """
    routes = app.router.routes
    for place, route in enumerate(routes):
        if isinstance(floor := getattr(route, "original_router", None), APIRouter):
            routes[place] = KNOWN_ROUTES.setdefault(id(floor), route)
    return app
