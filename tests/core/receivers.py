"""Small servers of tests: they listen on 127.0.0.1, keep what they are asked, and answer with bytes they are given."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from core.networks import Network

HERE = ipaddress.ip_network("127.0.0.1/32")


def ok(body: bytes = b"", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Receiver:
    """One answer for each connection, the last of them for all that follow; an endless one ends with its client."""

    answers: Sequence[bytes | Iterable[bytes]]
    secure: ssl.SSLContext | None = None
    asked: list[bytes] = field(default_factory=list)
    port: int = 0

    def network(self, *resolved: str, private: bool = True) -> Network:
        """A network whose names lead here (or to what is given) and that admits this server."""
        addresses = resolved or ("127.0.0.1",)
        ports = frozenset({80, 443, self.port})
        return Network((HERE,) if private else (), ports, lambda _host, _port, _seconds: addresses)

    def url(self, path: str = "/", *, host: str = "example.test") -> str:
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{path}"

    def _serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
                threading.Thread(target=self._answer, args=(client, answer), daemon=True).start()

    def _answer(self, client: socket.socket, answer: bytes | Iterable[bytes]) -> None:
        with suppress(OSError), closing(client):
            client.settimeout(5)
            with self.secure.wrap_socket(client, server_side=True) if self.secure else client as client:
                self.asked.append(_request(client))
                for part in [answer] if isinstance(answer, bytes) else answer:
                    client.sendall(part)
                client.shutdown(socket.SHUT_WR)


@contextmanager
def receiving(*answers: bytes | Iterable[bytes], secure: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver = Receiver(answers or (ok(),), secure, port=listening.getsockname()[1])
        threading.Thread(target=receiver._serve, args=(listening,), daemon=True).start()
        yield receiver
        listening.shutdown(socket.SHUT_RDWR)


def _request(client: socket.socket) -> bytes:
    """The whole request: its head, and as much body as that announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536) or b"\r\n\r\n"
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < sum(map(int, lengths)):
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body
