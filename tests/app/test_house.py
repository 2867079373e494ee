"""What the house makes of its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import settings
from app.house import House
from core.networks import PUBLIC


def test_only_the_public_internet_is_asked_until_an_operator_admits_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = House(settings.load(var=tmp_path)).network
    assert (network.private, network.ports) == (PUBLIC.private, {80, 443})
    assert not network.admits("10.1.2.3")
    monkeypatch.setenv("HOMAGE_FETCHING__PRIVATE", '["10.1.0.0/16", "fd00::/8"]')
    monkeypatch.setenv("HOMAGE_FETCHING__PORTS", "[8443]")
    network = House(settings.load(var=tmp_path)).network
    assert network.ports == {80, 443, 8443}
    assert network.admits("10.1.2.3")
    assert network.admits("fd00::1")
    assert not network.admits("10.2.0.1")
    monkeypatch.setenv("HOMAGE_FETCHING__PRIVATE", '["everything"]')
    with pytest.raises(settings.BadSettings, match="fetching"):
        settings.load(var=tmp_path)
