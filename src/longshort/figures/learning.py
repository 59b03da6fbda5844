"""How a training went: loss and accuracy per epoch."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from longshort.errors import DataError
from longshort.figures.history import measured
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE, new_figure, tidy
from longshort.plain import PlainMapping

__all__ = ["curves", "sheet_curves"]

_PARTS = {"train": ("training", MAIN_LINE), "validation": ("validation", OTHER_LINE)}


def curves(history: Sequence[PlainMapping], best_epoch: int | None = None, *, loss: str = "nats per example") -> Figure:
    """Loss and accuracy per epoch, side by side; what was not measured is not drawn.

    Args:
        history: one mapping per epoch: `epoch`, and any of `train_loss`, `validation_loss` (nats), `train_accuracy`,
            `validation_accuracy` (0 to 1); a value may be None.
        best_epoch: the epoch to mark; the one of the lowest validation loss when not given.
        loss: what the loss is counted in.

    Raises:
        DataError: an empty history.
    """
    if not history:
        raise DataError("A learning curve needs at least one epoch; got none.", "Train for an epoch first.")
    if best_epoch is None:
        best_epoch = _best(history)
    shown = [kind for kind in ("loss", "accuracy") if any(measured(history, f"{part}_{kind}") for part in _PARTS)]
    figure = new_figure(5 * max(1, len(shown)), 3.8)
    names = {"loss": ("Loss", loss), "accuracy": ("Accuracy", "share of right answers")}
    for position, kind in enumerate(shown, start=1):
        axes = figure.add_subplot(1, len(shown), position)
        tidy(axes, title=names[kind][0], x="epoch", y=names[kind][1])
        _draw(axes, history, kind, best_epoch)
    return figure


def _draw(axes: Axes, history: Sequence[PlainMapping], kind: str, best_epoch: int | None) -> None:
    for part, (name, style) in _PARTS.items():
        points = measured(history, f"{part}_{kind}")
        if points:
            axes.plot(*zip(*points, strict=True), label=name, **style.arguments(len(points)))
    epochs = [row["epoch"] for row in history]
    axes.set_xlim(min(epochs) - 0.5, max(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10, min_n_ticks=1))
    if best_epoch is not None:
        axes.axvline(best_epoch, color=MUTED, linestyle=":", linewidth=1.4, label=f"best epoch ({best_epoch})")
    axes.legend(fontsize=9, labelcolor=INK, edgecolor=GRID, framealpha=0.9)


def _best(history: Sequence[PlainMapping]) -> int | None:
    points = measured(history, "validation_loss")
    return min(points, key=lambda point: point[1])[0] if points else None


def sheet_curves(train_losses: Sequence[float], test_accuracies: Sequence[float]) -> Figure:
    """The classic figure of a first training: training loss on the left, test accuracy on the right, 10 by 4 inches.

    Args:
        train_losses: one loss per epoch.
        test_accuracies: one accuracy per epoch, 0 to 1.
    """
    figure = new_figure(10, 4)
    panels = (
        (train_losses, "Training Loss", "Loss", "Train Loss", "tab:blue"),
        (test_accuracies, "Test Accuracy", "Accuracy", "Test Accuracy", "orange"),
    )
    for position, (values, title, y, name, color) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, 2, position)
        axes.plot(values, label=name, color=color)
        axes.set_title(title)
        axes.set_xlabel("Epochs")
        axes.set_ylabel(y)
        axes.legend()
    return figure
