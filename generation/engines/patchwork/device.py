"""What a search runs on: the CPU, or a GPU that torch can use through CUDA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch

from generation.engine import NoDevice


def device_of(name: str) -> torch.device:
    """`cpu`, `cuda` or `cuda:1`. Raises NoDevice, which says why it cannot be used and what to do."""
    if not re.fullmatch(r"cpu|cuda(:\d+)?", name, re.ASCII):
        raise NoDevice(f"patchwork draws on cpu, cuda or one of several as cuda:1, not on {name[:60]!r}; choose one")
    device = torch.device(name)
    if device.type == "cuda":
        there = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not there:
            raise NoDevice(
                f"patchwork cannot draw on {name}: torch {torch.__version__} finds no GPU; install a torch built for"
                " yours, with its driver, or choose cpu"
            )
        if (device.index or 0) >= there:
            raise NoDevice(f"patchwork cannot draw on {name}: the last GPU that torch finds is cuda:{there - 1}")
    return device


@contextmanager
def alike(device: torch.device) -> Iterator[None]:
    """Sums come out alike at any load, so that one seed is one work.

    One thread on the CPU: more workers use more cores better than threads do. On a GPU no cuDNN, which by default
    rounds what it multiplies to 10 bits and may choose its method anew.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(enabled=False) if device.type == "cuda" else nullcontext():
            yield
    finally:
        torch.set_num_threads(before)
