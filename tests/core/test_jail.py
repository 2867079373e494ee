"""The jail: whatever a file does to a decoder, the child ends, its words come back, and nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import jail, processes
from core.errors import Unavailable
from core.jail import Box, Crashed, Refused
from tests.core import prisoners

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = "tests.core.prisoners"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a file.bin"
    path.write_bytes(b"content")
    return path


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """No child, not even a zombie, outlives its test."""
    before = children()
    yield
    assert children() <= before


def children() -> set[int]:
    me = str(os.getpid())
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = entry.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == me:
            found.add(int(entry.parent.name))
    return found


def call(name: str, file: Path, *words: str, **limits: float) -> bytes:
    return jail.call(f"{HERE}:{name}", file, *words, box=Box(**limits))  # type: ignore[arg-type]


def test_a_function_gets_the_file_and_the_words_and_its_bytes_come_back(file: Path) -> None:
    assert call("echo", file, " a word", " ünd ünother") == "content a word ünd ünother".encode()


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 30_000_000])
def test_an_answer_of_any_size_comes_back(file: Path, size: int) -> None:
    assert call("much", file, str(size)) == b"x" * size


def test_a_refusal_comes_back_with_its_words_and_facts(file: Path) -> None:
    with pytest.raises(Refused) as refused:
        call("refuse", file)
    assert refused.value.message == "no – not this one"
    assert refused.value.facts == {"pages": 3, "too_large": True}


@pytest.mark.parametrize("name", ["swell", "abort", "leave", "broken", "write", "nothing_of_this_name", "flood"])
def test_a_child_that_breaks_is_given_up(file: Path, name: str) -> None:
    with pytest.raises(Crashed, match="broke down"):
        call(name, file, seconds=20, answer=1 << 20)


def test_a_child_cannot_write_files(file: Path) -> None:
    with pytest.raises(Crashed):
        call("write", file)
    left = file.with_name("left behind")
    assert not left.exists() or left.stat().st_size == 0


@pytest.mark.parametrize("name", ["spin", "sleep"])
def test_a_child_that_takes_too_long_is_ended_on_time(file: Path, name: str) -> None:
    start = time.monotonic()
    with pytest.raises(Crashed, match=r"longer than 0\.7 s"):
        call(name, file, seconds=0.7)
    assert time.monotonic() - start < 30  # the child itself would go on for an hour


def test_the_clock_runs_while_nobody_waits(file: Path) -> None:
    held = jail.start(f"{HERE}:sleep", file, box=Box(seconds=0.5))
    assert held._ended.wait(10)
    with pytest.raises(Crashed, match="longer"):
        held.result()


def test_a_prisoner_that_nobody_asks_leaves_no_zombie(file: Path) -> None:
    held = jail.start(f"{HERE}:echo", file)
    ended = held._ended
    del held
    assert ended.wait(10)


def test_an_answer_can_be_asked_for_twice(file: Path) -> None:
    held = jail.start(f"{HERE}:echo", file)
    assert held.result() == held.result() == b"content"


def test_what_the_child_started_dies_with_it(file: Path) -> None:
    pid = int(call("family", file, seconds=20))
    assert processes.gone(pid, 5)


def test_noise_is_no_answer(file: Path) -> None:
    assert call("noisy", file) == b"signal"


def test_nothing_of_the_parents_secrets_is_handed_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMAGE_STRIPE__SECRET", "sk_live_1")
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    with file.open("rb") as secret:
        os.set_inheritable(secret.fileno(), True)
        found = json.loads(call("surroundings", file))
    assert set(found["env"]) <= {*jail._KEPT, "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE"}
    assert len(found["files"]) <= 5  # three, the answer, and the folder that is being listed
    assert found["path"][0] == str(ROOT)
    assert "" not in found["path"]


def test_a_missing_library_is_not_the_files_fault(file: Path) -> None:
    with pytest.raises(Unavailable, match="No module named 'nothing_of_this_name'; install Homage again"):
        jail.call("nothing_of_this_name:read", file)


def test_libraries_are_found_wherever_the_parent_finds_them(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / "apart_reader.py").write_text("def read(path):\n    return path.read_bytes().upper()\n")
    monkeypatch.syspath_prepend(tmp_path / "apart")
    assert jail.call("apart_reader:read", file) == b"CONTENT"


def test_many_run_at_once(file: Path) -> None:
    held = [jail.start(f"{HERE}:much", file, str(size)) for size in range(500_000, 500_008)]
    assert [len(one.result()) for one in held] == list(range(500_000, 500_008))


RUN = (
    "import sys; from pathlib import Path; from core import jail;"
    "print(jail.call('probe:look', Path(sys.argv[1])).decode())"
)


def test_it_works_from_a_checkout_in_an_odd_place(file: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "my: checkout, with 'spaces' and ü"
    shutil.copytree(ROOT / "core", checkout / "core", ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "probe.py").write_text(
        "import core.jail\ndef look(path):\n    return core.jail.__file__.encode() + path.read_bytes()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[2])\n" + RUN, str(file), str(checkout)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == f"{checkout}/core/jail.pycontent", done.stderr


def test_it_works_where_the_working_folder_is_gone(file: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = (
        "import os, sys; from pathlib import Path; from core import jail; os.chdir(sys.argv[2]); os.rmdir(sys.argv[2]);"
        "print(jail.call('tests.core.prisoners:echo', Path(sys.argv[1])).decode())"
    )
    command = [sys.executable, "-c", script, str(file), str(gone)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "content", done.stderr


def test_a_child_whose_parent_is_killed_ends_by_itself(file: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from core import jail;"
        "held = jail.start('tests.core.prisoners:sleep', Path(sys.argv[1]), box=jail.Box(seconds=0.9));"
        "print(held._process.pid, flush=True); held.result()"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(file)], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert processes.gone(pid, 10)


def test_the_parent_goes_on_after_an_interrupt(file: Path) -> None:
    held = jail.start(f"{HERE}:sleep", file, box=Box(seconds=1.0))
    before = signal.signal(signal.SIGUSR1, _interrupt)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    with pytest.raises(InterruptedError):
        held.result()
    signal.signal(signal.SIGUSR1, before)
    with pytest.raises(Crashed, match="longer"):
        held.result()


def _interrupt(*_: object) -> None:
    raise InterruptedError


def test_the_functions_under_test_do_what_they_say(file: Path) -> None:
    """Outside of the jail: so that a Crashed above is the jail's doing, not a slip in the function."""
    assert prisoners.echo(file) == b"content"
    assert prisoners.write(file) == b"written"
    with pytest.raises(KeyError):
        prisoners.broken(file)
