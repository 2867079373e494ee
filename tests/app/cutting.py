"""A TCP proxy that cuts connections in the middle, as trains in tunnels do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Cutter:
    """Passes on to `target`; a connection that has sent as many bytes as the next of `cuts` is cut, after `then`."""

    target: int
    cuts: list[int]
    then: Callable[[], None] = lambda: None
    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self.target)) as far, suppress(OSError):
            back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
            back.start()
            sent = 0
            while data := near.recv(1 << 16):
                far.sendall(data)
                sent += len(data)
                if self._is_due(sent):
                    self.then()
                    return
            back.join()

    def _is_due(self, sent: int) -> bool:
        with self._lock:
            if self.done < len(self.cuts) and sent >= self.cuts[self.done]:
                self.done += 1
                return True
            return False

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)


@contextmanager
def cutting(target: int, cuts: list[int], then: Callable[[], None] = lambda: None) -> Iterator[Cutter]:
    cutter = Cutter(target, cuts, then)
    yield cutter
    cutter.listener.close()
