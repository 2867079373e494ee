"""`homage verify` as a platform runs it: a fresh process, a file of one megapixel, a house that holds a work."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from benchmarks.timing import best
from generation import starters

HOMAGE = str(Path(sys.executable).parent / "homage")
MEGAPIXEL = (1224, 817)


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="homage-bench-") as folder:
        environment = {**os.environ, "HOMAGE_VAR": str(Path(folder) / "var")}

        def call(*command: str) -> int:
            return subprocess.run(command, env=environment, capture_output=True).returncode

        file = Path(folder) / "asked.jpg"
        with Image.open(starters.path("china")) as image:
            image.resize(MEGAPIXEL).save(file, quality=90)
        assert call(HOMAGE, "demo") == 0
        work = str(Path(folder) / "var" / "demo" / "work.png")
        assert call(HOMAGE, "verify", work) == 0
        bare = best(lambda: call(sys.executable, "-c", "pass"), runs=5).wall
        stopped = best(lambda: call(HOMAGE, "verify", str(file))).wall
        call(HOMAGE, "db", "start")
        running = best(lambda: call(HOMAGE, "verify", str(file)), runs=5).wall
        sealed = best(lambda: call(HOMAGE, "verify", work), runs=5).wall
        call(HOMAGE, "db", "stop")
    yield f"an empty Python process                     {bare:5.2f} s"
    yield f"unknown picture, 1 Mpx, database running    {running:5.2f} s  {running / bare:5.0f} empty processes"
    yield f"unknown picture, 1 Mpx, database stopped    {stopped:5.2f} s"
    yield f"sealed work, 0.4 Mpx, database running      {sealed:5.2f} s"
