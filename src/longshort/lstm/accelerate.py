"""`accelerate` and `restore`: replace the LSTMs inside any model, in place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

from longshort.errors import DataError
from longshort.lstm.backends import choose
from longshort.lstm.module import LSTM, spec_of

__all__ = ["Entry", "Report", "accelerate", "restore"]


@dataclass(frozen=True)
class Entry:
    """One LSTM of a model.

    Fields:
        name: its name in the model, or all its names if it is shared; "(the model itself)" for the model.
        sizes: its sizes, in words.
        note: which backend runs it and why, or why it was not replaced.
    """

    name: str
    sizes: str
    note: str


@dataclass(frozen=True)
class Report:
    """Which LSTMs of a model were replaced; `str` formats it as a table.

    Fields:
        replaced: the replaced ones.
        kept: the others, with the reason in `note`.
    """

    replaced: tuple[Entry, ...]
    kept: tuple[Entry, ...]

    def __str__(self) -> str:
        head = f"{len(self.replaced)} replaced, {len(self.kept)} kept"
        entries = (*self.replaced, *self.kept)
        if not entries:
            return f"{head}: this model has no LSTM."
        marks = ["replaced"] * len(self.replaced) + ["kept"] * len(self.kept)
        rows = [(mark, each.name, each.sizes, each.note) for mark, each in zip(marks, entries, strict=True)]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = ("  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows)
        return "\n".join([head, *(f"  {line}" for line in lines)])


def accelerate(module: nn.Module, *, backend: str = "auto") -> Report:
    """Run every `torch.nn.LSTM` inside a model with longshort.

    Each LSTM stays the same object with the same parameters; only its class becomes `longshort.LSTM`. So everything
    that refers to it, its parameters or its hooks keeps working: optimizers, state dicts, parametrizations,
    `DistributedDataParallel`, shared layers. Call it before `fully_shard`, which makes its own class.
    `torch.jit.script`, `torch.fx.symbolic_trace` and `torch.ao.quantization` support only torch's own LSTM: `restore`
    the model first.

    Args:
        module: the model, or an LSTM itself.
        backend: as for `longshort.LSTM`.

    Returns:
        Which LSTMs were replaced, and which were not and why: subclasses, which may compute something else; compiled,
        quantised and single-step ones; and those that are `longshort.LSTM` already.

    Raises:
        DataError: `module` is not a `torch.nn.Module`.
        BackendError: the requested backend cannot run one of them; nothing was replaced.
    """
    found = list(_lstms(module, "accelerate"))
    reasons = [_why_not_accelerated(lstm) for _, lstm in found]
    notes = [
        reason or choose(backend, spec_of(cast(nn.LSTM, lstm))).reason
        for (_, lstm), reason in zip(found, reasons, strict=True)
    ]
    for (_, lstm), reason in zip(found, reasons, strict=True):
        if reason is None:
            _change_class(lstm, LSTM)
            vars(lstm).update(accelerated=True, backend=backend)
    return _report(found, reasons, notes)


def restore(module: nn.Module) -> Report:
    """Undo `accelerate`: turn every LSTM that it replaced back into a `torch.nn.LSTM`, still the same object.

    Args:
        module: the model, or an LSTM itself.

    Returns:
        Which LSTMs were restored, and which were not and why. Those built as `longshort.LSTM` stay so.

    Raises:
        DataError: `module` is not a `torch.nn.Module`.
    """
    found = list(_lstms(module, "restore"))
    reasons = [_why_not_restored(lstm) for _, lstm in found]
    for (_, lstm), reason in zip(found, reasons, strict=True):
        if reason is None:
            _change_class(lstm, nn.LSTM)
            for name in ("accelerated", "backend"):
                vars(lstm).pop(name, None)
    return _report(found, reasons, [reason or "a torch.nn.LSTM again" for reason in reasons])


def _lstms(module: nn.Module, verb: str) -> Iterable[tuple[str, nn.Module]]:
    """Yield each LSTM once, with all its names; also modules that only look like one, so that they are reported."""
    if not isinstance(module, nn.Module):
        raise DataError(
            f"{verb} takes a torch.nn.Module; got {type(module).__name__}.",
            f"Call {verb}(model) on the object that holds the layers.",
        )
    names: dict[nn.Module, list[str]] = {}
    for name, part in module.named_modules(remove_duplicate=False):
        if _kind(part).endswith(("LSTM", "LSTMCell")) or isinstance(part, nn.LSTM | nn.LSTMCell):
            names.setdefault(part, []).append(name or "(the model itself)")
    return ((", ".join(each), part) for part, each in names.items())


def _kind(module: nn.Module) -> str:
    """Return the name of its class; if compiled, of the original class."""
    if isinstance(module, torch.jit.ScriptModule):
        return str(getattr(module, "original_name", ""))
    return type_before_parametrizations(module).__name__


def _why_not_accelerated(module: nn.Module) -> str | None:
    before = type_before_parametrizations(module)
    if isinstance(module, torch.jit.ScriptModule):
        return "it is compiled by torch.jit"
    if before is LSTM:
        return "it is already a longshort.LSTM"
    if before.__module__.startswith("torch.ao."):
        return "it is quantised"
    if isinstance(module, nn.LSTMCell) or before.__name__.endswith("LSTMCell"):
        return "it runs single steps; longshort.LSTM runs whole sequences"
    if before is not nn.LSTM:
        return f"its class {before.__name__} is not torch.nn.LSTM and may compute something else"
    if "forward" in vars(module):
        return "its forward was replaced on the object itself"
    return None


def _why_not_restored(module: nn.Module) -> str | None:
    before = type_before_parametrizations(module)
    if before is not LSTM:
        return f"it is a {before.__module__}.{before.__name__}, not a longshort.LSTM"
    return None if getattr(module, "accelerated", False) else "it was built as a longshort.LSTM"


def _change_class(module: nn.Module, to: type[nn.Module]) -> None:
    """Change the class; of a parametrized module, the base of the class that torch made for this object."""
    if is_parametrized(module):
        own = type(module)
        to = type(f"Parametrized{to.__name__}", (to,), dict(vars(own)))
    module.__class__ = to


def _report(found: list[tuple[str, nn.Module]], reasons: list[str | None], notes: list[str]) -> Report:
    entries = [Entry(name, _sizes(lstm), note) for (name, lstm), note in zip(found, notes, strict=True)]
    kept = tuple(entry for entry, reason in zip(entries, reasons, strict=True) if reason is not None)
    return Report(tuple(entry for entry, reason in zip(entries, reasons, strict=True) if reason is None), kept)


def _sizes(module: nn.Module) -> str:
    """Return sizes such as "128 -> 256, 2 layers, both directions"; empty if unknown."""
    sizes = [getattr(module, name, None) for name in ("input_size", "hidden_size")]
    layers, projection = getattr(module, "num_layers", 1), getattr(module, "proj_size", 0)
    words = [
        f"{sizes[0]} -> {sizes[1]}" if all(sizes) else "",
        f"{layers} layers" if layers > 1 else "",
        "both directions" if getattr(module, "bidirectional", False) else "",
        f"projected to {projection}" if projection else "",
    ]
    return ", ".join(word for word in words if word)
