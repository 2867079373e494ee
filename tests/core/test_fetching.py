"""Requests that cannot be turned inward, against servers that try."""

from __future__ import annotations

import io
import itertools
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import fetching
from core.fetching import download, post
from core.networks import (
    AddressRefused,
    AnswerTooLarge,
    Network,
    NotFetchable,
    NotReached,
    TookTooLong,
)
from tests.core.receivers import HERE, Receiver, ok, receiving


def fetch(receiver: Receiver, *, most: int = 1000, seconds: float = 5, network: Network | None = None) -> bytes:
    into = io.BytesIO()
    fetched = download(receiver.url(), into, most=most, seconds=seconds, network=network or receiver.network())
    assert fetched.bytes == len(into.getvalue())
    return into.getvalue()


def moved(to: str, status: str = "302 Found") -> bytes:
    return ok(b"", f"Location: {to}", status=status)


def test_a_file_is_downloaded() -> None:
    with receiving(ok(b"a picture", "Content-Type: Image/PNG; q=1")) as there:
        into = io.BytesIO()
        fetched = download(there.url("/a?b#c"), into, most=9, seconds=5, network=there.network())
    assert (fetched.url, fetched.media_type, fetched.bytes) == (there.url("/a?b"), "image/png", 9)
    assert into.getvalue() == b"a picture"
    head = there.asked[0].decode()
    assert head.startswith("GET /a?b HTTP/1.1\r\n")
    assert f"Host: example.test:{there.port}\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head


def test_a_name_is_resolved_once_and_what_it_was_then_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Iterator[str] = iter(["127.0.0.1", "10.0.0.1"])
    with receiving(ok(b"first"), moved("/again"), ok(b"second")) as there:
        network = Network((HERE,), frozenset({there.port}), lambda *_: (next(answers),))
        assert fetch(there, network=network) == b"first"
        with pytest.raises(AddressRefused):
            fetch(there, network=network)
    assert len(there.asked) == 1  # the second request never left


def test_nothing_here_is_asked_by_default() -> None:
    with receiving(ok(b"secret")) as there:
        with pytest.raises(AddressRefused):
            fetch(there, network=there.network(private=False))
        with pytest.raises(AddressRefused):
            post(there.url(), b"", {}, seconds=5, network=there.network(private=False))
    assert there.asked == []


def test_redirects_are_followed_three_times() -> None:
    with receiving(moved("/1", "301 Moved"), moved("2", "307 So"), moved("//other.test/3", "308 So")) as there:
        network = there.network()
        with pytest.raises(NotReached):  # nothing listens on port 80 of what other.test leads to
            fetch(there, network=network)
    with receiving(moved("/1"), moved("/2"), moved("/3"), ok(b"there")) as there:
        assert fetch(there) == b"there"
    with receiving(moved("/round")) as there, pytest.raises(NotFetchable, match="more than 3"):
        fetch(there)
    assert len(there.asked) == 4


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1/", "http://[::ffff:169.254.169.254]/latest/meta-data", "http://0x7f.1/", "file:///etc/passwd",
        "http://example.test:22/", "http://a@example.test/", "http://[", "//192.168.0.1/", "http://2130706433/",
    ],
)  # fmt: skip
def test_a_redirect_into_what_is_private_is_not_followed(to: str) -> None:
    with receiving(moved(to)) as there, pytest.raises(NotFetchable):
        fetch(there)
    assert len(there.asked) == 1


def endless(*start: bytes) -> Iterator[bytes]:
    yield from start
    yield from itertools.repeat(b"x" * 10_000)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"x" * 1001),
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
        CHUNKED + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
    ],
    ids=["stated", "stated-only", "unstated", "chunked"],
)
def test_more_than_is_taken_is_refused(answer: bytes) -> None:
    with receiving(answer) as there, pytest.raises(AnswerTooLarge):
        fetch(there, most=1000)


@pytest.mark.parametrize(
    "start", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", CHUNKED + b"1;", b"", b"HTTP"]
)
def test_what_never_ends_is_cut_off(start: bytes) -> None:
    with receiving(endless(start)) as there, pytest.raises((AnswerTooLarge, NotReached)):
        fetch(there, most=1000)


def test_announcements_without_end_are_cut_off() -> None:
    early = itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 500)
    with receiving(early) as there, pytest.raises(AnswerTooLarge):
        fetch(there)


def dripping(start: bytes) -> Iterator[bytes]:
    yield start
    while True:
        time.sleep(0.02)
        yield b"x"


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_server_that_drips_is_cut_off(start: bytes) -> None:
    with receiving(dripping(start)) as there, pytest.raises((TookTooLong, NotReached)):
        fetch(there, seconds=0.1)


def test_compressed_answers_are_refused() -> None:
    with receiving(ok(b"\x1f\x8b", "Content-Encoding: gzip")) as there, pytest.raises(NotFetchable, match="compressed"):
        fetch(there)


@pytest.mark.parametrize(
    "answer", [ok(b"", status="404 Not Found"), ok(b"", status="302 Found"), b"HTTP/1.1 204 No\r\n\r\n"]
)
def test_only_what_is_there_is_kept(answer: bytes) -> None:
    with receiving(answer) as there, pytest.raises(NotFetchable, match="answers with"):
        fetch(there)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"SSH-2.0-x\r\n", b""])
def test_what_breaks_off_or_is_not_http_is_not_reached(answer: bytes) -> None:
    with receiving(answer) as there, pytest.raises(NotReached):
        fetch(there)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(ok(b"direct")) as there, receiving(ok(b"by proxy")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url(host="127.0.0.1"))
        assert fetch(there) == b"direct"
    assert proxy.asked == []


def test_another_address_of_the_name_is_tried() -> None:
    with receiving(ok(b"here")) as there:
        twice = Network((HERE, HERE), frozenset({there.port}), lambda *_: ("127.0.0.1", "127.0.0.1"))
        assert fetch(there, network=twice) == b"here"
    with pytest.raises(NotReached, match="connection failed"):
        fetch(there, network=twice)


def test_a_post_sends_its_body_and_gets_the_beginning_of_the_answer() -> None:
    with receiving(ok(b"thanks a lot", "X-More: yes", status="202 Accepted")) as there:
        answer = post(there.url("/in"), b'{"a":1}', {"Webhook-Id": "1"}, seconds=5, first=6, network=there.network())
    assert (answer.status, answer.headers["x-more"], answer.body) == (202, "yes", b"thanks")
    assert there.asked[0].endswith(b'\r\n\r\n{"a":1}')
    assert b"Webhook-Id: 1\r\n" in there.asked[0]


def test_a_post_follows_no_redirect() -> None:
    with receiving(moved("http://10.0.0.1/", "307 There")) as there:
        assert post(there.url(), b"", {}, seconds=5, network=there.network()).status == 307


def test_a_post_that_was_answered_does_not_wait_for_the_rest() -> None:
    with receiving(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")) as there:
        assert post(there.url(), b"", {}, seconds=0.2, network=there.network()).status == 200


def test_the_certificate_is_that_of_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path, "example.test")
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    with receiving(ok(b"safe"), secure=ours) as there:
        with pytest.raises(NotReached, match="certificate"):
            fetch(there)
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(fetching, "_trust", lambda: trusting)
        assert fetch(there) == b"safe"
        with pytest.raises(NotReached, match="certificate"):
            download(there.url(host="other.test"), io.BytesIO(), most=9, seconds=5, network=there.network())


def self_signed(folder: Path, name: str) -> Path:
    """A file with a key and its certificate for one name, valid for a day."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
