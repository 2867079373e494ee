"""A device that is not there: tensors that say they are on it, and that only a move brings to the CPU and back.

They are computed on the CPU, so a work made with them has the CPU's bytes. But as on a GPU, an operation on tensors of
two devices is refused, and a tensor that is made without naming a device is the CPU's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

FAR = torch.device("meta")  # besides the CPU the one that every build of torch has; it holds no values of its own
_MOVES = {"_to_copy", "to", "copy_"}
_WAITS = {"item", "_local_scalar_dense", "is_nonzero", "equal", "nonzero", "masked_select", "bincount", "unique"}


class Far(Tensor):
    """A tensor on FAR; `near` holds its values."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor) -> Far:
        made: Far = torch.Tensor._make_wrapper_subclass(
            cls, near.size(), near.stride(), near.storage_offset(), dtype=near.dtype, device=FAR
        )
        made.near = near
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise AssertionError(f"{func} outside of the pretended device")


class Pretended(TorchDispatchMode):
    """While it is entered torch can compute on FAR. `waits` names what would have made the host wait for a GPU."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[str] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Not: that would import torch's compiler, which takes seconds."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs, name = dict(kwargs or {}), func._schema.name.removeprefix("aten::")
        given = [one for one in _flat([*args, *kwargs.values()]) if isinstance(one, Tensor)]
        far = [one for one in given if isinstance(one, Far)]
        if far and name not in _MOVES and any(one.dim() and not isinstance(one, Far) for one in given):
            raise RuntimeError(f"{name} of tensors on two devices, {FAR} and cpu")
        there = isinstance(args[0], Far) if name == "copy_" else bool(far)
        if kwargs.get("device") is not None:
            there, kwargs["device"] = torch.device(kwargs["device"]) == FAR, torch.device("cpu")
        if far and (not there or name in _WAITS or _by_mask(name, args)):
            self.waits.append(name)
        out = func(*_near(args), **{key: _near(value) for key, value in kwargs.items()})
        return _far(out, {id(one.near): one for one in far}) if there else out


def _flat(values: Any) -> Iterator[Any]:
    for one in values:
        if isinstance(one, list | tuple):
            yield from _flat(one)
        else:
            yield one


def _near(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(map(_near, value))
    return value.near if isinstance(value, Far) else value


def _far(value: Any, known: dict[int, Far]) -> Any:
    """`known`: what was given, by its values; an operation in place returns that again."""
    if isinstance(value, list | tuple):
        return type(value)(_far(one, known) for one in value)
    if not isinstance(value, Tensor):
        return value
    return known[id(value)] if id(value) in known else Far(value)


def _by_mask(name: str, args: Any) -> bool:
    """Whether it takes what a mask marks, whose length the device alone knows."""
    return name == "index" and any(one is not None and one.dtype == torch.bool for one in args[1])
