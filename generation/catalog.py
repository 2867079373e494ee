"""Which engines there are: found by entry point, admitted by the operator's allow-list, loaded when first used."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import entry_points
from typing import cast

import structlog

from core.errors import HomageError, NotFound, Unavailable
from generation.engine import Engine, EngineCard, OnDevice

GROUP = "homage.engines"
log = structlog.get_logger()


class UnknownEngine(NotFound):
    """There is no such engine here."""


class EngineNotLoaded(Unavailable):
    """The engine is installed but cannot start."""


class Catalog:
    """The engines an operator allows, and the device they compute on. One instance serves the whole process."""

    def __init__(self, allowed: Sequence[str], device: str = "cpu") -> None:
        self.allowed = tuple(dict.fromkeys(allowed))
        self._device = device
        self._loaded: dict[str, Engine] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """Allowed and installed, in the operator's order."""
        return [name for name in self.allowed if name in self._installed or name in self._loaded]

    @cached_property
    def _installed(self) -> frozenset[str]:
        """Looked for once: that reads the metadata of every package there is."""
        return frozenset(point.name for point in entry_points(group=GROUP))

    def usable(self) -> list[Engine]:
        """The engines that start, in the operator's order; of others it is logged why they do not."""
        found = []
        for name in self.names:
            try:
                found.append(self.get(name))
            except HomageError as error:
                log.warning("engine left out", engine=name, reason=error.message)
        return found

    def add(self, name: str, engine: Engine) -> None:
        """Register an engine by hand, as a test or a host program does."""
        self.allowed = tuple(dict.fromkeys((*self.allowed, name)))
        self._loaded[name] = engine

    def get(self, name: str) -> Engine:
        """Raises UnknownEngine, EngineNotLoaded naming what is missing, or what the engine says, such as NoDevice."""
        if name not in self.allowed:
            raise UnknownEngine(
                f"no engine {name[:60]!r} is admitted here; there are: {', '.join(self.names) or 'none'}"
            )
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self._load(name)
            return self._loaded[name]

    def _load(self, name: str) -> Engine:
        found = [point for point in entry_points(group=GROUP) if point.name == name]
        if not found:
            raise UnknownEngine(f"engine {name!r} is admitted but not installed; install the package that provides it")
        if len(found) > 1:
            packages = " and ".join(sorted(point.dist.name if point.dist else point.value for point in found))
            raise EngineNotLoaded(f"engine {name!r} is provided by {packages}; uninstall all but the one you trust")
        try:
            engine = found[0].load()()
            if isinstance(engine, OnDevice):
                engine.use(self._device)
        except HomageError:
            raise
        except Exception as error:  # a stranger's code: whatever it raises, the house goes on
            raise EngineNotLoaded(
                f"engine {name!r} cannot start ({error!r}); install what it needs (homage[engines])"
            ) from error
        if not isinstance(getattr(engine, "card", None), EngineCard):
            raise EngineNotLoaded(f"engine {name!r} has no card of this contract; install a version made for it")
        if not hasattr(engine, "preview"):
            raise EngineNotLoaded(
                f"engine {name!r} cannot preview, as the contract asks; install a newer version of it"
            )
        return cast(Engine, engine)
