"""Files made to harm: each is decoded or refused in a child with one line, soon, in little memory; nothing stays."""

from __future__ import annotations

import json
import resource
import tempfile
from pathlib import Path

import pytest

from attribution.chain import Chain
from attribution.verify import Looking
from core import jail
from core.decode import Undecodable
from tests import hostile

SECONDS, MEBIBYTES = 10.0, 1_000.0
CHILDREN = 4


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return Chain(tmp_path_factory.mktemp("house") / "chain")


Judged = dict[str, tuple[str, float, float]]


def judge(files: dict[str, bytes], folder: Path, chain: Chain) -> Judged:
    """What becomes of each in one child; where that breaks down, in two with half of them, and so on."""
    folder.mkdir()
    hostile.laid_out(files, folder)
    with tempfile.TemporaryFile(dir=folder.parent) as samples:
        number, box = samples.fileno(), jail.Box(seconds=200.0, written=3 << 30)
        child = jail.start("tests.core.prisoners:judge_all", folder, chain.root, str(number), box=box, given=(number,))
        try:
            found: Judged = json.loads(child.result())
            return found
        except jail.Crashed as crash:
            if len(files) == 1:
                return dict.fromkeys(files, (f"crashed: {crash.message}", 0.0, 0.0))
    names = list(files)
    halves = names[: len(names) // 2], names[len(names) // 2 :]
    judged = [
        judge({name: files[name] for name in half}, folder.with_name(f"{folder.name}{part}"), chain)
        for part, half in enumerate(halves)
    ]
    return judged[0] | judged[1]


def test_each_is_decoded_or_refused_in_one_line_in_time_and_in_little_memory(tmp_path: Path, chain: Chain) -> None:
    """Every fourth of them, and those whose answers are known; all are judged, one by one, in the long form."""
    corpus = hostile.corpus()
    assert len(corpus) >= 200
    names = [name for number, name in enumerate(corpus) if number % 4 == 0 or name in ("whole.tiff", "nan.wav")]
    files = {name: corpus[name] for name in names}
    judged: Judged = {}
    for part in range(CHILDREN):
        judged |= judge({name: files[name] for name in names[part::CHILDREN]}, tmp_path / f"files{part}", chain)
    assert judged.keys() == files.keys()
    assert judged["whole.tiff"][0] == "picture of 300 bytes"
    assert judged["nan.wav"][0] == 'sound {"rate": 8000, "channels": 1, "frames": 2000}'
    for name, (how, seconds, memory) in judged.items():
        assert "\n" not in how, name
        assert seconds < SECONDS, name
        assert memory < MEBIBYTES, name


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_each_is_judged_by_itself_and_nothing_stays(
    tmp_path: Path, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `homage verify` and the endpoint do it; those that are as large as is allowed, too."""
    temporary, sent = tmp_path / "temporary", tmp_path / "sent"
    temporary.mkdir()
    sent.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    already = largest()  # of other tests' children, if they were larger
    chain.root  # noqa: B018 # made before, so that every manifest is read
    for path in hostile.laid_out(hostile.corpus() | hostile.heavy(), sent):
        before = spent()
        said = refusal(path, chain)
        assert said is None or (said.startswith("the file") and "\n" not in said), path.name
        assert spent() - before < SECONDS, path.name
        assert list(temporary.iterdir()) == [], path.name
    assert largest() < max(MEBIBYTES, already + 1)


def largest() -> float:
    """MiB of the largest child that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def spent() -> float:
    """Seconds of processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def refusal(path: Path, chain: Chain) -> str | None:
    try:
        Looking(path, chain=chain, name="the file").result()
    except Undecodable as refused:
        return refused.message
    return None
