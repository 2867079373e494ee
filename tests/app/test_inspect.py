"""`homage inspect`: a report on anyone's files; findings are no errors, an unreadable file is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from app.cli import app
from core import encode
from core.errors import Invalid
from core.media import Picture
from tests.fakes import texture


def test_findings_are_told_and_are_no_errors(tmp_path: Path) -> None:
    work = texture(1, height=480, width=640)
    black = Picture(np.zeros((300, 400, 3), np.uint8))
    for name, picture in {"a": work, "b": black, "c": Picture(np.ascontiguousarray(work.pixels[:, ::-1]))}.items():
        (tmp_path / f"{name}.png").write_bytes(encode.png(picture))
    told = CliRunner().invoke(app, ["inspect", str(tmp_path)])
    assert told.exit_code == 0
    assert "copy: a.png, c.png" in told.stdout
    report = json.loads(CliRunner().invoke(app, ["inspect", str(tmp_path), "--json"]).stdout)
    assert [[x["code"] for x in one["findings"]] for one in report["pictures"]] == [[], ["plain"], []]
    assert [(x["code"], x["works"]) for x in report["together"]] == [("copy", [0, 2]), ("few", [])]


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "a.png")])
    assert isinstance(told.exception, Invalid)
