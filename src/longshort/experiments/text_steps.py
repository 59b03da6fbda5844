"""What the text experiment shows before the training: tokens, numbers, the padded view, the split, the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from longshort.data import Examples, Row, TextEncoding
from longshort.experiments.base import Print
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Ragged

__all__ = ["show_network", "show_numbers", "show_padded", "show_split", "show_tokens"]

SHOWN = 3
LONGEST_SHOWN = 12  # tokens: the padded table has to fit on a line


def show_tokens(rows: Sequence[Row], encoding: TextEncoding, out: Print) -> list[Row]:
    """Step 1: the tokens of one sentence. Gives the sentences that the next steps show too."""
    chosen = [row for row in rows if 1 <= len(encoding.tokens(row.text)) <= LONGEST_SHOWN][:SHOWN] or list(rows[:SHOWN])
    out(
        "1. Tokenize: a sentence becomes words and punctuation marks. The first one shown is " + _label(chosen[0]) + "."
    )
    out(f"   {chosen[0].text}")
    out("   " + " | ".join(encoding.tokens(chosen[0].text)))
    return chosen


def show_numbers(chosen: Sequence[Row], encoding: TextEncoding, out: Print) -> None:
    """Step 2: the number of each token."""
    out(
        f"\n2. Convert to numbers: the place of each token in a vocabulary of {encoding.vocabulary_size:,}, "
        "taken from the training sentences alone; 0 for any other."
    )
    tokens, ids = encoding.tokens(chosen[0].text), encoding.encode([chosen[0].text])[0].tolist()
    out("   " + "  ".join(f"{token}={number}" for token, number in zip(tokens, ids, strict=True)))


def show_padded(chosen: Sequence[Row], encoding: TextEncoding, out: Print) -> None:
    """Step 3: some sentences as one table."""
    ids = [torch.from_numpy(each).long() for each in encoding.encode([row.text for row in chosen])]
    table = Ragged.from_list(ids).to_padded(fill=-1)
    out(f"\n3. Pad: {len(chosen)} sentences as a table of equal rows, with -1 after the end of the shorter ones.")
    for line in str(table.numpy()).splitlines():
        out(f"   {line}")
    share = float((table < 0).double().mean())
    out(
        f"   {100 * share:.0f} % of it says nothing. longshort itself never pads: "
        "it puts the sentences one after another and keeps their lengths:"
    )
    out(f"   {torch.cat(ids).tolist()}, lengths {[len(each) for each in ids]}")


def show_split(examples: Mapping[str, Examples], out: Print) -> None:
    """Step 4: how many sentences train, validate and test."""
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in examples.items())
    out(f"\n4. Split: {sizes} sentences; made before step 1, so that the vocabulary has not seen the others.")


def show_network(network: TextClassifierNetwork, out: Print) -> None:
    """Step 5: the layers."""
    weights = sum(parameter.numel() for parameter in network.parameters())
    out(f"\n5. Define the model: {weights:,} weights.")
    for layer in (network.embedding, network.lstm, network.linear, torch.nn.Sigmoid()):
        out(f"   {layer}")


def _label(row: Row) -> str:
    return f"labelled {' '.join(row.labels)}"
