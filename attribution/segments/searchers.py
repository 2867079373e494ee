"""The same segments searched by actors of Ray on as many machines as there are: scattered, the best gathered.

Ray places the actors, and starts one again that died; the segments it held are fetched from the storage by the next.
A search that an actor did not survive is asked again. Which actor holds a segment follows from its name alone
(rendezvous hashing, Thaler and Ravishankar 1998), so that all who ask agree without talking.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attribution.segments import storage
from attribution.segments.body import Body, Found, merge
from attribution.segments.rows import Entry
from attribution.segments.shelf import Maps, SearchUnfinished
from attribution.segments.storage import StorageUnusable

NAMESPACE = "homage"
STRAY_SECONDS = 3600.0  # until an actor deletes a file that it was not asked about
TRIES = 3  # of a search whose actor died, beside those that Ray makes by itself


class Searcher:
    """What an actor does: it maps those segments that it is asked about, fetching them first."""

    def __init__(self, body: Body, place: str | None, folder: str) -> None:
        self._folder = Path(folder)
        self._prefix = f"{body.kind}.{body.algorithm}."
        self._held: frozenset[str] = frozenset()
        self._maps = Maps(body, storage.at(place, self._folder))
        self._cached = place is not None

    def search(self, entries: Sequence[Entry], asked: Any, *, most: int, seconds: float) -> list[Found]:
        names = frozenset(entry.name for entry in entries)
        if self._cached and names != self._held:
            storage.sweep(self._folder, self._prefix, keep=names, older=STRAY_SECONDS)
            self._held = names
        return self._maps.search(entries, asked, most=most, until=time.monotonic() + seconds)


class Fleet:
    """A shelf (see `shelf.Shelf`) whose segments are searched by so many actors, shared by all who open it alike."""

    def __init__(self, body: Body, place: str | None, folder: Path, *, address: str, searchers: int = 2) -> None:
        """`address`: of a Ray cluster, or `local` for one on this machine. `folder`: on each machine, for the files.

        Raises StorageUnusable where Ray is not installed or not reached.
        """
        try:
            import ray
        except ImportError as error:
            raise StorageUnusable(
                "searching with Ray needs its library; install homage[fleet], or search in this process"
            ) from error
        try:
            ray.init(None if address == "local" else address, namespace=NAMESPACE, ignore_reinit_error=True)
        except ConnectionError as error:
            raise StorageUnusable(f"no Ray cluster answers at {address} ({error}); start it, or search here") from error
        self._ray: Any = ray
        self._made = (body, place, str(folder))
        told = hashlib.sha256(repr((body.kind, body.algorithm, place, str(folder))).encode()).hexdigest()[:16]
        self._names = [f"searcher.{told}.{number}" for number in range(searchers)]
        for name in self._names:
            self._actor(name)  # it takes seconds to start, better before the first question

    def search(self, entries: Sequence[Entry], asked: Any, *, most: int, until: float) -> list[Found]:
        """See `shelf.Shelf`."""
        question = self._ray.put(asked)
        waiting = {name: of for name in self._names if (of := [x for x in entries if self._holder(x) == name])}
        found: list[list[Found]] = []
        for left in range(TRIES, -1, -1):
            seconds = until - time.monotonic()
            asked_of = {self._ask(name, of, question, most=most, seconds=seconds): name for name, of in waiting.items()}
            waiting = {name: waiting[name] for name in self._gather(asked_of, found, seconds=seconds, last=not left)}
            if not waiting:
                break
        return merge(found, most=most)

    def sweep(self, entries: Sequence[Entry]) -> None:
        """Actors delete what they fetched, once they are asked about other segments."""

    def _ask(self, name: str, entries: Sequence[Entry], question: Any, *, most: int, seconds: float) -> Any:
        actor = self._actor(name)
        return actor.search.remote(entries, question, most=most, seconds=min(seconds, 3600.0))

    def _gather(self, asked: dict[Any, str], found: list[list[Found]], *, seconds: float, last: bool) -> list[str]:
        """Add what the actors found; the names of those that died over it."""
        limit = None if math.isinf(seconds) else max(0.0, seconds)
        done, late = self._ray.wait(list(asked), num_returns=len(asked), timeout=limit) if asked else ([], [])
        if late:
            raise SearchUnfinished("some searchers did not answer in time; ask again with more of it")
        died = []
        for answer in done:
            try:
                found.append(self._ray.get(answer))
            except self._ray.exceptions.RayActorError:
                if last:
                    raise
                died.append(asked[answer])
        return died

    def _actor(self, name: str) -> Any:
        """The actor of this name, made if there is none; Ray starts it again whenever it dies, somewhere."""
        options = {"name": name, "namespace": NAMESPACE, "get_if_exists": True, "lifetime": "detached"}
        options |= {"max_restarts": -1, "max_task_retries": TRIES, "num_cpus": 0}
        return self._ray.remote(Searcher).options(**options).remote(*self._made)

    def _holder(self, entry: Entry) -> str:
        return max(self._names, key=lambda name: hashlib.sha256(f"{name} {entry.name}".encode()).digest())
