"""The six equations in NumPy over the stored weights of a model, step by step, beside what longshort.trace says.

python docs/by_hand.py RUN TEXT UNIT     the first layer, read from the start
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

import longshort


def sigmoid(sums: np.ndarray) -> np.ndarray:
    """From 0 to 1."""
    return 1 / (1 + np.exp(-sums))


def read(weights: dict[str, np.ndarray], token_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The cell and hidden states after each token, `(step, unit)` each."""
    w_x, w_h = weights["lstm.weight_ih_l0"], weights["lstm.weight_hh_l0"]
    b = weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"]
    h = c = np.zeros(w_h.shape[1], np.float32)
    cells, hiddens = [], []
    for x in weights["embedding.weight"][token_ids]:
        i, f, g, o = np.split(w_x @ x + w_h @ h + b, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        cells.append(c)
        hiddens.append(h)
    return np.array(cells), np.array(hiddens)


def main(run: str, text: str, unit: str) -> None:
    """Print what one unit does, and whether all of them do what the trace says."""
    model = longshort.load(run)
    folder = Path(run) / "model" if (Path(run) / "model").is_dir() else Path(run)
    cell, hidden = read(load_file(folder / "weights.safetensors"), model.bundle_.task.encoding.encode([text])[0])
    seen = longshort.trace(model, text)
    for token, c, h in zip(seen.tokens or (), cell[:, int(unit)], hidden[:, int(unit)], strict=True):
        print(f"{token:<12} c = {c:6.3f}   h = {h:6.3f}")
    largest = max(np.abs(cell - seen.cell[0, 0]).max(), np.abs(hidden - seen.hidden[0, 0]).max())
    print(f"longshort.trace says the same for all {cell.shape[1]} units, to 0.000001: {largest < 1e-6}")


if __name__ == "__main__":
    main(*sys.argv[1:])
