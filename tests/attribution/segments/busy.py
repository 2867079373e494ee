"""A process that registers works or builds segments until it is killed: `python -m … URL FOLDER add|build SEED`.

It begins when a line comes on stdin. What it says on stdout is acknowledged: the numbers of works whose transaction has
committed, and segments that were put in place.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from core import db
from tests.attribution.segments import made


def register(sessions: db.Sessions, seed: int) -> None:
    dice = random.Random(seed)
    number = seed * 1_000_000
    while True:
        some = [number + n for n in range(dice.randint(1, 20))]
        number = some[-1] + 1
        with db.unit(sessions) as session:
            for one in some:
                made.register(session, one)
        sys.stdout.write(f"{' '.join(map(str, some))}\n")
        sys.stdout.flush()


def build(sessions: db.Sessions, folder: Path, seed: int) -> None:
    index = made.index(sessions, folder, largest=200)
    dice = random.Random(seed)
    while True:
        index.flush() if dice.random() < 0.7 else index.rebuild()
        index._builder.sweep(older=0.5)
        sys.stdout.write("built\n")
        sys.stdout.flush()


if __name__ == "__main__":
    url, folder, role, seed = sys.argv[1:]
    connected = db.sessions(db.connect(url))
    sys.stdin.readline()
    register(connected, int(seed)) if role == "add" else build(connected, Path(folder), int(seed))
