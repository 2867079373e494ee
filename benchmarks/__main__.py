"""Runs every benchmark, or those named: `python -m benchmarks [doors] [engine] [ledger] [verify]`.

`patchwork`, `chorale`, `reed`, `liveness`, `index`, `index_sounds`, `platforms`, `snapshots` and `usage` take minutes,
and run only when named; $RECORDINGS names recordings, $PICTURES pictures.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command line does
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from benchmarks import (
    chorale,
    doors,
    engine,
    index,
    index_sounds,
    ledger,
    liveness,
    patchwork,
    platforms,
    reed,
    snapshots,
    usage,
    verify,
)

ALL = {"doors": doors.run, "engine": engine.run, "ledger": ledger.run, "verify": verify.run}
NAMED = {
    "chorale": chorale.run,
    "index": index.run,
    "index_sounds": index_sounds.run,
    "liveness": liveness.run,
    "patchwork": patchwork.run,
    "platforms": platforms.run,
    "reed": reed.run,
    "snapshots": snapshots.run,
    "usage": usage.run,
}


def main(names: list[str]) -> None:
    for name in names or list(ALL):
        sys.stdout.write(f"\n{name}\n")
        for line in {**ALL, **NAMED}[name]():
            sys.stdout.write(f"  {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
