"""The fuzzed targets: each takes bytes and may raise only longshort's own errors."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from tests.fuzz.binding import feed_layer, feed_module
from tests.small_models import MAKERS, answers, make

from longshort.config import ForecastDataSettings, SequenceDataSettings, TextDataSettings
from longshort.data import check_trainable, open_source, scan
from longshort.data.sequences import open_sequences
from longshort.data.series import open_series
from longshort.kinds import kind_of, names
from longshort.runs import load_bundle, save_bundle
from longshort.runs.checkpoints import FolderCheckpoints
from longshort.training import Snapshot

__all__ = ["TARGETS", "Feed", "Target"]

Feed = Callable[[bytes], object]
Reader = Callable[[Path, bool], None]
"""Takes the path of a file, and whether to skip bad rows."""


@dataclass(frozen=True)
class Target:
    """A reader under test.

    Args:
        format: format of its inputs; a key of `tests.fuzz.mutation.MUTATIONS`.
        open: takes an empty folder; returns valid inputs, and a function that reads an input.
    """

    format: str
    open: Callable[[Path], tuple[list[bytes], Feed]]


# --- models ---


def model_file(task: str, name: str, place: Path) -> tuple[list[bytes], Feed]:
    """Fuzz one file of a model; the others are valid. An accepted model must make predictions."""
    seeds = []
    for seed in range(2):
        save_bundle(place / "model", make(task, seed=seed))
        seeds.append((place / "model" / name).read_bytes())
    if name == "tokenizer.json":
        seeds += [kind_of_tokenizer(kind) for kind in ("character", "bpe", "unigram")]

    def feed(content: bytes) -> None:
        (place / "model" / name).write_bytes(content)
        answers(load_bundle(place / "model"))

    return seeds, feed


def kind_of_tokenizer(kind: str) -> bytes:
    from longshort.config import TextRunSettings

    chosen = TextRunSettings.from_flat({"tokenizer": kind, "minimum_count": 1, "vocabulary_limit": 260})
    encoding, _ = MAKERS["text-classification"](chosen)
    return bytes(encoding.to_json().encode())


def checkpoint(place: Path) -> tuple[list[bytes], Feed]:
    """Fuzz a checkpoint with a matching checksum in its name."""
    made = Snapshot(
        {"weight": torch.rand(3, 2), "step": torch.tensor(3)}, {"at": {"epoch": 1, "batch": 2}, "best": 0.5}
    )
    FolderCheckpoints(place / "good").save(made)
    seed = next((place / "good").iterdir()).read_bytes()

    def feed(content: bytes) -> None:
        with tempfile.TemporaryDirectory(dir=place) as folder:
            (Path(folder) / f"000001-{hashlib.sha256(content).hexdigest()}.safetensors").write_bytes(content)
            found = FolderCheckpoints(Path(folder)).load()
            if found:
                found.is_finite()

    return [seed], feed


# --- data ---


def read_texts(path: Path, skip: bool) -> None:
    source = open_source(path, TextDataSettings(skip_bad=skip))
    check_trainable(scan(source))
    list(source.rows())


def read_sequences(path: Path, skip: bool) -> None:
    open_sequences(path, SequenceDataSettings(skip_bad=skip))


def read_long_sequences(path: Path, skip: bool) -> None:
    open_sequences(path, SequenceDataSettings(layout="long", skip_bad=skip))


def read_series(path: Path, skip: bool) -> None:
    open_series(path, ForecastDataSettings(fill="linear" if skip else None, skip_bad=skip))


def data_file(name: str, read: Reader, seeds: list[bytes], place: Path) -> tuple[list[bytes], Feed]:
    """Fuzz a data file, read with and without skipping bad rows."""

    def feed(content: bytes) -> None:
        (place / name).write_bytes(content)
        try:
            read(place / name, True)
        finally:
            read(place / name, False)

    return seeds, feed


TEXTS = b'text,label\n"A fine film.",pos\nBad,neg\n"One ""more"", please",pos\n' + "Übel 日本,neg\n".encode() * 3
JSONL = b"".join(
    json.dumps({"text": f"film {i}", "label": "ab"[i % 2], "x": [1, {"y": None}]}).encode() + b"\n" for i in range(6)
)
WIDE = b"label,t0,t1,t2\n" + b"".join(b"%s,%d,0.%d,-1e3\n" % (b"ab"[i % 2 :][:1], i, i) for i in range(6))
LONG = b"id,time,x,y,label\n" + b"".join(
    b"%d,%d,%d.5,,%s\n" % (i // 3, i % 3, i, b"ab"[i // 3 % 2 :][:1]) for i in range(12)
)
TS = b"""# comment
@problemName waves
@timestamps false
@missing true
@univariate false
@dimensions 2
@equalLength false
@classLabel true slow fast
@data
1,2,3:4,5,6:slow
1,?,3,4:4,5,6,7:fast
0.5,1e3:NaN,2:slow
"""
TS_NUMBERS = b"@univariate true\n@targetlabel true\n@data\n1,2,3:0.5\n3,2,1:1.5\n2,2:2.5\n"
DAYS = b"time,value,price\n" + b"".join(b"2024-01-%02d,%d.5,%d\n" % (i + 1, i, i % 3) for i in range(20))
HOURS = b"series,time,value\n" + b"".join(
    b"%s,2024-02-01 %02d:00,%d\n" % (b"ab"[i // 10 :][:1], i % 10, i) for i in range(20)
)
MONTHS = b"month,value\n" + b"".join(b"19%02d-%02d,%d\n" % (60 + i // 12, i % 12 + 1, i) for i in range(26))


def parquet(columns: dict[str, list[Any]], **options: Any) -> bytes:
    kept = io.BytesIO()
    pq.write_table(pa.table(columns), kept, **options)
    return kept.getvalue()


PARQUET = [
    parquet({"text": ["a", "b", "c", "d"] * 3, "label": ["x", "y"] * 6}),
    parquet({"text": ["a", None, "c", "d"], "label": [0, 1, 0, 1]}, compression="none", use_dictionary=False),
    parquet({"label": ["a", "b"] * 3, "t0": [0.5] * 6, "t1": [1, 2, None, 4, 5, 6]}),
    parquet({"time": list(range(20)), "value": [float(i % 7) for i in range(20)]}),
]

READERS: dict[str, tuple[str, str, Reader, list[bytes]]] = {
    "texts, CSV": ("lines", "data.csv", read_texts, [TEXTS]),
    "texts, JSON Lines": ("lines", "data.jsonl", read_texts, [JSONL]),
    "texts, Parquet": ("bytes", "data.parquet", read_texts, PARQUET),
    "sequences, CSV": ("lines", "data.csv", read_sequences, [WIDE, LONG]),
    "long sequences, CSV": ("lines", "data.csv", read_long_sequences, [LONG]),
    "sequences, .ts": ("lines", "data.ts", read_sequences, [TS, TS_NUMBERS]),
    "sequences, Parquet": ("bytes", "data.parquet", read_sequences, PARQUET),
    "series, CSV": ("lines", "data.csv", read_series, [DAYS, HOURS, MONTHS]),
    "series, Parquet": ("bytes", "data.parquet", read_series, PARQUET),
}

TARGETS: dict[str, Target] = {
    "checkpoint": Target("safetensors", checkpoint),
    "kernel, operators": Target("seed", lambda _: ([b"0"], feed_layer)),
    "kernel, module": Target("seed", lambda _: ([b"0"], feed_module)),
    **{
        name: Target(form, partial(data_file, file, read, seeds)) for name, (form, file, read, seeds) in READERS.items()
    },
}
for _task, _form in ((name, kind_of(name).model_config()) for name in names()):
    TARGETS[f"{_task}, config.json"] = Target("json", partial(model_file, _task, "config.json"))
    TARGETS[f"{_task}, {_form.encoding_file}"] = Target("json", partial(model_file, _task, _form.encoding_file))
    TARGETS[f"{_task}, weights"] = Target("safetensors", partial(model_file, _task, "weights.safetensors"))
