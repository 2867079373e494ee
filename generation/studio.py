"""One rendering on one engine: progress, cancel, time limit. It sees no database: a beat is a call it was given."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from generation.engine import Cancelled, Engine, Media, Rendering, Request

Beat = Callable[[str, int, int], None]  # stage, step, of: renews the lease; raises when the work must stop


class TooSlow(Cancelled):
    """The rendering took longer than allowed."""


class Pulse:
    """Beats from a thread of its own, so that a lease is renewed and a stop is heard even inside one long step.

    After `limit` seconds it beats no more: the work of an engine that hangs goes to another worker.
    """

    def __init__(self, beat: Beat, *, every: float, limit: float = math.inf) -> None:
        self._beat = beat
        self._every = every
        self._limit = limit
        self._now = ("starting", 0, 0)
        self._error: BaseException | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def at(self, stage: str, step: int = 0, of: int = 0) -> None:
        """Say where the work is; raises what the last beat raised."""
        self._now = (stage, step, of)
        self.check()

    def check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        until = time.monotonic() + self._limit
        while not self._stop.wait(self._every):
            try:
                if time.monotonic() > until:
                    raise TooSlow(f"making it took longer than {self._limit:g} s; try a smaller size")
                self._beat(*self._now)
            except BaseException as error:  # carried to the rendering thread, which raises it at its next step
                self._error = error
                return


def render(engine: Engine, request: Request, *, pulse: Pulse, seconds: float) -> Rendering:
    """Render one request. Raises what the engine or the pulse raises, and TooSlow after `seconds`."""
    until = time.monotonic() + seconds

    def report(step: int, of: int, stage: str, preview: Media | None = None) -> None:
        pulse.at(stage, step, of)
        if time.monotonic() > until:
            raise TooSlow(f"the rendering took longer than {seconds:g} s; try a smaller size")

    rendering = engine.render([request], report=report)[0]
    pulse.check()  # told to stop during its last step
    return rendering
