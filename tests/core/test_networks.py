"""Which addresses are asked: hostile spellings, special ranges, what an operator admits."""

from __future__ import annotations

import ipaddress
import threading

import pytest

from core import networks
from core.networks import AddressRefused, Network, NotFetchable, NotReached, TookTooLong

OUT = "93.184.215.14"
OUT_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def leading_to(*addresses: str) -> Network:
    return Network(resolve=lambda _host, _port, _seconds: addresses)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8", "168.63.129.16",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:5db8:d70e::", "3fff::1", "4000::1",
        "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%2", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused, match="public internet"):
        leading_to(address).find("https://example.org/", seconds=1)
    with pytest.raises(AddressRefused, match="public internet"):
        leading_to(OUT, address).find("https://example.org/", seconds=1)  # one of several is enough


@pytest.mark.parametrize("address", [OUT, OUT_6, f"::ffff:{OUT}", "64:ff9b::5db8:d70e", "1.1.1.1"])
def test_what_is_public_is_asked(address: str) -> None:
    target = leading_to(address).find("https://Example.ORG./a?b=c#d", seconds=1)
    assert (target.url, target.host, target.port) == ("https://example.org/a?b=c", "example.org", 443)
    assert target.addresses == (address,)


@pytest.mark.parametrize(
    "url",
    [
        "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/",
        "https://127.0.0.0x1/", "https://1.1.1.1.1/", "https://127.0.0.1.:443/", "https://127.0.0.1/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[::1", "https://[v1.a]/",
        "https://example.org@10.0.0.1/", "https://user:pass@example.org/", "https://example.org%40/",
        "https://example.org\\@10.0.0.1/", "https://example.org\t/", "https://example.org\r\nHost: a/", " https://a.org",
        "https://１２７.0.0.1/", "https://ⓔxample.org/", "https://exämple.org/", "https://%31%32%37.0.0.1/",
        "https:///etc/passwd", "https://", "https:example.org", "//example.org/", "example.org", "",
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "data:text/plain,hi", "javascript:0",
        "https://example.org:22/", "https://example.org:0/", "https://example.org:99999/", "https://example.org:-1/",
        "https://example.org:4 43/", "https://a..org/", f"https://{'a' * 64}.org/", "https://example.org/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        leading_to(OUT).find(url, seconds=1)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTPS://example.org:443/", "https://example.org/"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("https://example.org/März 1.png".replace(" ", "%20"), "https://example.org/M%C3%A4rz%201.png"),
        ("https://example.org/?q=ü&x=/../", "https://example.org/?q=%C3%BC&x=/../"),
        (f"https://[{OUT_6}]:443/x", f"https://[{OUT_6}]/x"),
        ("https://xn--exmple-cua.org/", "https://xn--exmple-cua.org/"),
    ],
)
def test_an_address_is_sent_in_one_spelling(url: str, sent: str) -> None:
    assert leading_to(OUT).find(url, seconds=1).url == sent


def test_an_operator_admits_networks_and_ports() -> None:
    private = Network((ipaddress.ip_network("10.1.0.0/16"),), frozenset({8443}), lambda *_: ("10.1.2.3",))
    assert private.find("https://hooks.internal:8443/", seconds=1).addresses == ("10.1.2.3",)
    assert private.admits("::ffff:10.1.2.3")
    assert not private.admits("10.2.0.1")
    with pytest.raises(AddressRefused, match="8443"):
        private.find("https://hooks.internal/", seconds=1)


def test_a_name_that_nobody_has_is_not_reached() -> None:
    with pytest.raises(NotReached, match="no host"):
        leading_to().find("https://nobody.invalid/", seconds=1)


def test_a_resolver_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    monkeypatch.setattr(networks.socket, "getaddrinfo", lambda *_, **__: [held.wait(5)][1:])
    with pytest.raises(TookTooLong):
        networks.resolve("slow.example", 443, 0.01)
    held.set()


def test_names_are_resolved_by_the_system() -> None:
    assert "127.0.0.1" in networks.resolve("localhost", 80, 5)
    with pytest.raises(NotFetchable):
        Network().find("http://localhost/", seconds=5)
