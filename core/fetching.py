"""HTTP requests to addresses that strangers name: guarded against being turned inward, and bounded in size and time.

Nothing of the environment is used (no proxies, no credentials), connections are not kept, and answers are taken as they
are: compressed ones are refused, so that what is counted is what is kept. Importing this loads the HTTP library: do it
where a request is made.
"""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urljoin

import httpcore2

from core.networks import PUBLIC, AnswerTooLarge, Network, NotFetchable, NotReached, Target, TookTooLong

MOST_REDIRECTS = 3
MOST_TRIED = 4  # addresses of one name
_OVERHEAD = 256 << 10  # bytes of an answer beside its body: headers, and what frames the chunks
_REDIRECTS = (301, 302, 303, 307, 308)
_ALWAYS = {"User-Agent": "Homage", "Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True)
class Fetched:
    """What was downloaded. `url`: where it was in the end; `media_type` as its server calls it; `bytes`: how many."""

    url: str
    media_type: str | None
    bytes: int


@dataclass(frozen=True)
class Answer:
    """What a request that was posted got back. Header names are in lower case; `body` is its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def download(url: str, into: BinaryIO, *, most: int, seconds: float, network: Network = PUBLIC) -> Fetched:
    """Write what is at `url` into a file; up to three redirects are followed, each checked anew.

    `most`: bytes; `seconds`: for all of it together. Raises AddressRefused, NotReached, TookTooLong, AnswerTooLarge,
    NotFetchable; the file then holds a beginning.
    """
    clock = _Deadline(seconds)
    for _ in range(MOST_REDIRECTS + 1):
        target = network.find(url, seconds=clock.left())
        with _exchange(target, "GET", {"Accept": "*/*"}, None, _Limits(clock, 2 * most + _OVERHEAD)) as response:
            headers = _headers(response)
            if response.status not in _REDIRECTS or "location" not in headers:
                size = _keep(response, headers, into, most=most, clock=clock)
                media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
                return Fetched(target.url, media_type or None, size)
            url = _onward(target, headers["location"])
        if target.scheme == "https" and not url.lower().startswith("https:"):
            raise NotFetchable(f"{target.url} sends one on to an address without encryption; name the last address")
    raise NotFetchable(f"this redirects more than {MOST_REDIRECTS} times; name the last address", url=url)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    first: int = 500,
    network: Network = PUBLIC,
) -> Answer:
    """Post a body and read the beginning of the answer, `first` bytes at most; a redirect is an answer like any other.

    Once the status has come, what is missing of the answer's body in the time that is left is not missed.
    Raises AddressRefused, NotReached, TookTooLong.
    """
    clock = _Deadline(seconds)
    target = network.find(url, seconds=clock.left())
    limits = _Limits(clock, first + _OVERHEAD)
    with _exchange(target, "POST", headers, body, limits) as response:
        start = bytearray()
        with suppress(httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException, NotFetchable):
            for chunk in response.iter_stream():
                start += chunk
                if len(start) >= first:
                    break
        return Answer(response.status, _headers(response), bytes(start[:first]))


class _Deadline:
    """How long there still is, by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than none. Raises TookTooLong."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TookTooLong("the answer did not come in the time there is for it; try again later")
        return left


@dataclass
class _Limits:
    """What one exchange may still take: time, and bytes read from the connection."""

    clock: _Deadline
    bytes: int


class _Stream(httpcore2.NetworkStream):
    """A connection that ends when its limits are reached, however slowly or in whatever frames bytes come."""

    def __init__(self, stream: httpcore2.NetworkStream, limits: _Limits) -> None:
        self._stream = stream
        self._limits = limits

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._limits.clock.left())
        self._limits.bytes -= len(data)
        if self._limits.bytes < 0:
            raise AnswerTooLarge("its answer is larger than what is taken")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._limits.clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._limits.clock.left())
        return _Stream(stream, self._limits)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Wire(httpcore2.NetworkBackend):
    """Connects to the addresses that were resolved and checked, whatever the host's name means by now."""

    def __init__(self, target: Target, limits: _Limits) -> None:
        self._target = target
        self._limits = limits
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._target.addresses[:MOST_TRIED]
        for tried, address in enumerate(addresses, start=1):
            share = self._limits.clock.left() / (len(addresses) - tried + 1)
            try:
                return _Stream(self._sockets.connect_tcp(address, port, share), self._limits)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if tried == len(addresses):
                    raise
        raise httpcore2.ConnectError("no address to connect to")


@contextmanager
def _exchange(
    target: Target, method: str, headers: Mapping[str, str], body: bytes | None, limits: _Limits
) -> Iterator[httpcore2.Response]:
    """One request and its answer, on a connection of its own; the library's errors become ours."""
    url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    sent = {"Host": target.authority, **_ALWAYS, **headers}
    secure = _trust() if target.scheme == "https" else None
    wire = _Wire(target, limits)
    try:
        with (
            closing(httpcore2.HTTPConnection(url.origin, ssl_context=secure, network_backend=wire)) as connection,
            connection.stream(method, url, headers=[*sent.items()], content=body) as response,
        ):
            yield response
    except httpcore2.TimeoutException:
        raise TookTooLong(f"{target.host} did not answer in the time there is for it; try again later") from None
    except httpcore2.NetworkError as error:
        why = "its certificate is not one that is trusted" if _untrusted(error) else "the connection failed"
        raise NotReached(f"{target.host} cannot be reached: {why}; check the address") from error
    except httpcore2.ProtocolError as error:
        raise NotReached(f"{target.host} does not answer as the web does, or broke off; try again later") from error


@functools.cache
def _trust() -> ssl.SSLContext:
    """The roots that the system trusts, or those that SSL_CERT_FILE names; reading them takes a while."""
    return httpcore2.default_ssl_context()


def _untrusted(error: Exception) -> bool:
    return isinstance(error.__cause__, ssl.SSLCertVerificationError)


def _onward(target: Target, location: str) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError:
        raise NotFetchable(f"{target.url} redirects to what is no address; name the last address") from None


def _headers(response: httpcore2.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _keep(
    response: httpcore2.Response, headers: Mapping[str, str], into: BinaryIO, *, most: int, clock: _Deadline
) -> int:
    """Write the body as it comes; how many bytes it has."""
    if response.status != 200:
        raise NotFetchable(f"its server answers with {response.status}; name an address that gives the file itself")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise NotFetchable("its server sends it compressed though asked not to; send the file itself instead")
    stated = headers.get("content-length", "")
    size = int(stated) if stated.isdecimal() else 0
    if size <= most:
        size = 0
        for chunk in response.iter_stream():
            clock.left()  # many small pieces that have come already are not read from the connection
            size += len(chunk)
            if size > most:
                break
            into.write(chunk)
    if size > most:
        raise AnswerTooLarge(f"what is there is larger than the {most} bytes that are taken", most=most)
    return size
