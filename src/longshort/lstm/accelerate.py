"""`accelerate` and `restore`: exchange the LSTMs inside any model, in place."""

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
        name: its name in the model, or names where it stands in several places; "(the model itself)" for the whole.
        sizes: what it is, in words.
        note: which backend runs it and why, or why it was left as it is.
    """

    name: str
    sizes: str
    note: str


@dataclass(frozen=True)
class Report:
    """What was exchanged in a model and what not; `str` of it is a table.

    Fields:
        replaced: those that were exchanged.
        kept: those that were not, with the reason in `note`.
    """

    replaced: tuple[Entry, ...]
    kept: tuple[Entry, ...]

    def __str__(self) -> str:
        head = f"{len(self.replaced)} replaced, {len(self.kept)} kept"
        entries = (*self.replaced, *self.kept)
        if not entries:
            return f"{head}: there is no LSTM in this model."
        marks = ["replaced"] * len(self.replaced) + ["kept"] * len(self.kept)
        rows = [(mark, each.name, each.sizes, each.note) for mark, each in zip(marks, entries, strict=True)]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = ("  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows)
        return "\n".join([head, *(f"  {line}" for line in lines)])


def accelerate(module: nn.Module, *, backend: str = "auto") -> Report:
    """Let longshort run every `torch.nn.LSTM` inside a model.

    Each stays the same object with the same parameters: only its class becomes `longshort.LSTM`. So nothing that holds
    it, its parameters or its hooks notices: optimizers, state dicts, parametrizations, `DistributedDataParallel`, other
    places of the model. Do it before `fully_shard`, which makes a class of its own. `torch.jit.script`,
    `torch.fx.symbolic_trace` and `torch.ao.quantization` know torch's own LSTM alone: `restore` the model before them.

    Args:
        module: the model, or an LSTM itself.
        backend: as for `longshort.LSTM`.

    Returns:
        What was replaced, and which LSTMs were not and why: those of a class of their own, which may compute something
        else; compiled, quantised and single-step ones; and those that are `longshort.LSTM` already.

    Raises:
        DataError: `module` is no `torch.nn.Module`.
        BackendError: the backend asked for cannot run one of them; nothing was replaced then.
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
    """Undo `accelerate`: every LSTM that it replaced is a `torch.nn.LSTM` again, still the same object.

    Args:
        module: the model, or an LSTM itself.

    Returns:
        What was taken back, and which LSTMs were not and why. Those that were built as `longshort.LSTM` stay so.

    Raises:
        DataError: `module` is no `torch.nn.Module`.
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
    """Each LSTM once, with all its names; also what only looks like one, so that nothing is passed over in silence."""
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
    """The name of its class, or of the class that was compiled to it."""
    if isinstance(module, torch.jit.ScriptModule):
        return str(getattr(module, "original_name", ""))
    return type_before_parametrizations(module).__name__


def _why_not_accelerated(module: nn.Module) -> str | None:
    before = type_before_parametrizations(module)
    if isinstance(module, torch.jit.ScriptModule):
        return "it is compiled by torch.jit, and runs no Python any more"
    if before is LSTM:
        return "it is a longshort.LSTM already"
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
        return f"it is no longshort.LSTM but a {before.__module__}.{before.__name__}"
    return None if getattr(module, "accelerated", False) else "it was built as a longshort.LSTM"


def _change_class(module: nn.Module, to: type[nn.Module]) -> None:
    """Of a parametrized module, the class below the one that torch made for this object alone."""
    if is_parametrized(module):
        own = type(module)
        to = type(f"Parametrized{to.__name__}", (to,), dict(vars(own)))
    module.__class__ = to


def _report(found: list[tuple[str, nn.Module]], reasons: list[str | None], notes: list[str]) -> Report:
    entries = [Entry(name, _sizes(lstm), note) for (name, lstm), note in zip(found, notes, strict=True)]
    kept = tuple(entry for entry, reason in zip(entries, reasons, strict=True) if reason is not None)
    return Report(tuple(entry for entry, reason in zip(entries, reasons, strict=True) if reason is None), kept)


def _sizes(module: nn.Module) -> str:
    """Such as "128 -> 256, 2 layers, both directions"; empty where they are not known."""
    sizes = [getattr(module, name, None) for name in ("input_size", "hidden_size")]
    layers, projection = getattr(module, "num_layers", 1), getattr(module, "proj_size", 0)
    words = [
        f"{sizes[0]} -> {sizes[1]}" if all(sizes) else "",
        f"{layers} layers" if layers > 1 else "",
        "both directions" if getattr(module, "bidirectional", False) else "",
        f"projected to {projection}" if projection else "",
    ]
    return ", ".join(word for word in words if word)
