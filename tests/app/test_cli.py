"""The command line as scripts use it: one line and a code for what goes wrong, results where they belong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.crew import listen
from core import decode, encode
from core.postgres import EmbeddedPostgres
from tests.app.commands import homage
from tests.fakes import texture

HOMAGE = Path(sys.executable).parent / "homage"  # the program itself, where a process of its own is the point
PRODUCTION = {
    "HOMAGE_ENV": "production",
    "HOMAGE_MAIL__HOST": "mail.example.org",
    "HOMAGE_MAIL__SENDER": "Homage <mail@example.org>",
    "HOMAGE_PUBLIC_URL": "https://homage.example.org",
}


def program(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(HOMAGE), *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=200,
    )


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A house whose server runs for all questions: it ends with its last user."""
    folder = tmp_path_factory.mktemp("var")
    with EmbeddedPostgres(folder / "postgres"):
        yield str(folder)


@pytest.fixture
def style(tmp_path: Path) -> Path:
    folder = tmp_path / "a style"
    folder.mkdir()
    for seed in (1, 2):
        (folder / f"{seed}.png").write_bytes(encode.png(texture(seed, height=120, width=160)))
    return folder


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(encode.jpeg(texture(9, height=120, width=160)))
    return file


def test_stylize_and_replay_on_files_alone(style: Path, photo: Path, tmp_path: Path) -> None:
    out, map, again = tmp_path / "out.png", tmp_path / "map.npz", tmp_path / "again.png"
    files = ("--style", style, "--content", photo, "--out", out, "--map", map)
    made = program("stylize", *files, "--size", "96", "--json")
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    assert set(said) == {"out", "seconds", "engine", "seed", "shares", "largest_copy", "facts"}
    assert sum(share["share"] for share in said["shares"]) == 1_000_000
    assert {share["asset"] for share in said["shares"]} == {"1.png", "2.png"}
    assert 0 <= said["largest_copy"] <= 1
    replayed = homage("replay", map, "--style", style, "--out", again)
    assert replayed.returncode == 0, replayed.stderr
    assert out.read_bytes() == again.read_bytes()
    assert max(decode.picture(out).width, decode.picture(out).height) == 96


def faulty(tmp_path: Path, style: Path, photo: Path) -> dict[str, tuple[list[str | Path], str]]:
    html, empty = tmp_path / "page.png", tmp_path / "nothing"
    html.write_text("<html>")
    empty.mkdir()
    fine = ["--style", style, "--content", photo, "--out", tmp_path / "out.png"]
    return {
        "no such content": (["--style", style, "--content", "none.jpg", "--out", tmp_path / "o.png"], "none.jpg"),
        "mislabelled": (["--style", style, "--content", html, "--out", tmp_path / "o.png"], "no picture we can read"),
        "empty style": (["--style", empty, "--content", photo, "--out", tmp_path / "o.png"], "holds no pictures"),
        "no format": (["--style", style, "--content", photo, "--out", tmp_path / "o.txt"], "ends in"),
        "over the content": (["--style", style, "--content", photo, "--out", photo], "made from"),
        "over the style": (["--style", style, "--content", photo, "--out", style / "1.png"], "made from"),
        "no map": ([*fine, "--map", tmp_path / "x" / "m.npz"], "folder"),
        "map over the work": ([*fine, "--map", tmp_path / "out.png"], "ends in"),
        "no folder": (["--style", style, "--content", photo, "--out", tmp_path / "x" / "o.png"], "folder"),
        "too large": ([*fine, "--size", "99999"], "--size"),
        "strength": ([*fine, "--strength", "1.5"], "--strength"),
    }


@pytest.mark.parametrize(
    "case",
    [
        "no such content",
        "mislabelled",
        "empty style",
        "no format",
        "over the content",
        "over the style",
        "no map",
        "map over the work",
        "no folder",
        "too large",
        "strength",
    ],
)
def test_faulty_input_is_one_line_and_leaves_nothing(case: str, style: Path, photo: Path, tmp_path: Path) -> None:
    arguments, words = faulty(tmp_path, style, photo)[case]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    done = homage("stylize", *arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_missing_asset_is_named_by_replay(style: Path, photo: Path, tmp_path: Path) -> None:
    map = tmp_path / "map.npz"
    out = tmp_path / "out.png"
    homage("stylize", "--style", style, "--content", photo, "--out", out, "--map", map, "--size", "96")
    out.unlink()
    done = homage("replay", map, "--style", style / "1.png", "--out", out)
    assert done.returncode == 1
    assert "2.png" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("arguments", [("worker", "--engines", "nobody", "--once"), ("statement", "cre_unknown")])
def test_unknown_names_are_said_in_one_line(var: str, arguments: tuple[str, ...]) -> None:
    done = homage(*arguments, HOMAGE_VAR=var)
    assert done.returncode == 1
    assert done.stderr.startswith("homage: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.timeout(30)
def test_what_is_no_file_is_refused_in_one_line_and_never_waited_for(var: str, tmp_path: Path) -> None:
    pipe, loop, folder, zero = (tmp_path / name for name in ("pipe.png", "loop.png", "folder.png", "zero.wav"))
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    zero.symlink_to("/dev/zero")
    folder.mkdir()
    for place in (pipe, loop, folder, zero, tmp_path / ("n" * 300)):
        for done in (homage("verify", place, HOMAGE_VAR=var), homage("inspect", place)):
            assert done.returncode == 1, place
            assert len(done.stderr.splitlines()) == 1, done.stderr
            assert done.stdout == ""


@pytest.mark.parametrize("command", [("audit",), ("statement", "platform"), ("verify", __file__)])
def test_a_mistyped_folder_is_no_empty_house(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = homage(*command, HOMAGE_VAR=str(tmp_path / "typo"))
    assert done.returncode == 1
    assert "there is no house in" in done.stderr
    assert not (tmp_path / "typo").exists()


def test_a_folder_that_cannot_be_made_is_one_line() -> None:
    done = program("db", "start", HOMAGE_VAR="/proc/nope")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_the_version_is_told() -> None:
    assert program("--version").stdout.startswith("homage 0.")


def test_an_unknown_picture_exits_with_3(var: str, photo: Path) -> None:
    done = homage("verify", photo, "--json", HOMAGE_VAR=var)
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["standing"] == "unknown"


def test_verify_refuses_a_bad_question_and_a_bad_file(var: str, photo: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.png"
    torn.write_bytes(encode.png(texture(3))[:900])
    for arguments, words in (((photo, "--use", "steal"), "steal"), ((torn,), "damaged"), ((tmp_path,), "not a file")):
        done = homage("verify", *arguments, HOMAGE_VAR=var)
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


def test_verify_loads_nothing_that_takes_long_to_load(var: str, photo: Path) -> None:
    script = (
        "import sys; from app.cli import app\n"
        f"try: app(['verify', {str(photo)!r}])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'diffusers', 'scipy.signal', 'generation.engines.patchwork'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, "HOMAGE_VAR": var}
    )
    assert done.returncode == 0, done.stderr


def test_settings_are_refused_by_name() -> None:
    done = homage("db", "status", HOMAGE_LEASE_SECONDS="soon")
    assert done.returncode == 1
    assert "lease_seconds" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HOMAGE_ENGINES", "patchwork", "JSON"),
        ("HOMAGE_DATABASE", "x", "database"),
        ("HOMAGE_DATABASE__URL", "mysql://x/y", "postgresql://"),
        ("HOMAGE_LEASE_SECONDS", "inf", "lease_seconds"),
        ("HOMAGE_FEES__PLATFORM_PPM", "2000000", "platform_ppm"),
        ("HOMAGE_PUBLIC_URL", "homage.example.org", "scheme and host"),
        ("HOMAGE_PUBLIC_URL", "https://me:x@homage.example.org/sub", "scheme and host"),
    ],
)
def test_a_faulty_setting_is_one_line(name: str, value: str, words: str) -> None:
    done = homage("audit", **{name: value})
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def test_a_password_is_never_printed() -> None:
    url = "postgresql://me:secret@127.0.0.1:1/none"
    for command in (("db", "start"), ("db", "status")):
        done = homage(*command, HOMAGE_DATABASE__URL=url)
        assert done.returncode == 1
        assert "secret" not in done.stdout + done.stderr


def test_the_demo_is_refused_in_production_before_anything_is_written(tmp_path: Path) -> None:
    url = "postgresql://127.0.0.1:1/none"
    done = homage("demo", **PRODUCTION, HOMAGE_DATABASE__URL=url, HOMAGE_VAR=str(tmp_path / "var"))
    assert done.returncode == 1
    assert "production takes no rehearsed payments" in done.stderr


def test_production_refuses_the_embedded_database() -> None:
    done = homage("db", "status", **PRODUCTION)
    assert done.returncode == 1
    assert "HOMAGE_DATABASE__URL" in done.stderr


@pytest.mark.parametrize("missing", ["HOMAGE_MAIL__HOST", "HOMAGE_MAIL__SENDER", "HOMAGE_PUBLIC_URL"])
def test_production_needs_a_mail_server_and_an_address_to_be_reached_at(missing: str) -> None:
    some = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = homage("db", "status", **some, HOMAGE_DATABASE__URL="postgresql://127.0.0.1:1/none")
    assert done.returncode == 1
    assert missing in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def test_an_unreachable_database_is_one_line() -> None:
    done = homage("audit", HOMAGE_DATABASE__URL="postgresql://nobody@127.0.0.1:1/none")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_that_is_not_there_is_told_before_anything_starts(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as free:
        port = str(free.getsockname()[1])
    done = homage("up", "--port", port, HOMAGE_VAR=str(tmp_path / "var"), HOMAGE_ENGINE_DEVICE="abacus")
    assert done.returncode == 1
    assert "not on 'abacus'" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert not (tmp_path / "var").exists()


def test_status_start_and_stop(tmp_path: Path) -> None:
    folder = str(tmp_path / "var")
    assert "stopped" in homage("db", "status", HOMAGE_VAR=folder).stdout
    program("db", "start", HOMAGE_VAR=folder)
    assert "running" in homage("db", "status", HOMAGE_VAR=folder).stdout
    program("db", "stop", HOMAGE_VAR=folder)
    assert "stopped" in homage("db", "status", HOMAGE_VAR=folder).stdout
