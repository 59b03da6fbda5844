"""Small data for every kind, the same on every machine."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import numpy as np

__all__ = ["write_all"]

GOOD, BAD = ("good", "great", "fine", "lovely"), ("bad", "awful", "poor", "dull")
FILLERS = ("the", "film", "was", "a", "story", "plot", "and", "acting", "with", "some", "scene")


def write_all(folder: Path) -> None:
    """Write the files of every kind."""
    _texts(folder / "reviews.csv", 160)
    _texts(folder / "more.csv", 40, seed=9)
    _several(folder / "tagged.jsonl", 120)
    _waves(folder / "waves_TRAIN.ts", 60, numbers=False)
    _waves(folder / "waves_TEST.ts", 40, numbers=False, seed=3)
    _waves(folder / "heights_TRAIN.ts", 60, numbers=True)
    _waves(folder / "heights_TEST.ts", 40, numbers=True, seed=3)
    _long_table(folder / "steps.csv", 40)
    _months(folder / "months.csv", 96)
    _shops(folder / "shops.csv", 120)
    (folder / "lines.txt").write_text("a good film\na bad story\n\nthe plot\n", encoding="utf-8")


def _sentences(count: int, seed: int) -> list[tuple[str, int]]:
    draw = random.Random(seed)
    found = []
    for number in range(count):
        words = draw.choices(FILLERS, k=draw.randint(3, 12)) + draw.choices(GOOD if number % 2 else BAD, k=2)
        draw.shuffle(words)
        found.append((f"{' '.join(words)} {number}.", number % 2))
    return found


def _texts(path: Path, count: int, seed: int = 1) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "sentiment"])
        writer.writerows((text, ("neg", "pos")[label]) for text, label in _sentences(count, seed))


def _several(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, (text, label) in enumerate(_sentences(count, 2)):
            labels = [name for name, has in (("joy", label), ("long", number % 3 == 0)) if has]
            file.write(json.dumps({"text": text, "labels": labels}) + "\n")


def _waves(path: Path, count: int, *, numbers: bool, seed: int = 0) -> None:
    draw = np.random.default_rng(seed)
    header = "@targetlabel true" if numbers else "@classLabel true up down"
    lines = ["@problemName waves", header, "@data"]
    for number in range(count):
        steps, slope = int(draw.integers(8, 16)), float(draw.normal() + (number % 2) * 2 - 1)
        channels = (slope * np.arange(steps) / 8 + draw.normal(0, 0.2, steps), draw.normal(0, 1, steps))
        target = f"{slope:.4f}" if numbers else ("down", "up")[number % 2]
        lines.append(":".join([*(",".join(f"{value:.4f}" for value in each) for each in channels), target]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _long_table(path: Path, count: int) -> None:
    draw = np.random.default_rng(5)
    rows = ["id,time,x,y,label"]
    for number in range(count):
        for step in range(int(draw.integers(5, 9))):
            sign = 1 if number % 2 else -1
            rows.append(
                f"s{number},{step},{sign * step + draw.normal():.4f},{draw.normal():.4f},{('b', 'a')[number % 2]}"
            )
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _months(path: Path, count: int) -> None:
    draw = np.random.default_rng(7)
    level = 50 + np.arange(count) / 3 + 8 * np.sin(np.arange(count) * 2 * np.pi / 12) + draw.normal(0, 1, count)
    rows = [f"{1990 + place // 12}-{place % 12 + 1:02d},{value:.3f}" for place, value in enumerate(level)]
    path.write_text("month,sales\n" + "\n".join(rows) + "\n", encoding="utf-8")


def _shops(path: Path, count: int) -> None:
    draw = np.random.default_rng(8)
    rows = ["date,shop,price,value"]
    for shop in ("north", "south"):
        for place in range(count):
            day = np.datetime64("2024-01-01") + place
            price = 1 + (place % 5) / 10
            value = 20 - 5 * price + 3 * np.sin(place * 2 * np.pi / 7) + draw.normal(0, 0.5)
            known = "" if place >= count - 4 else f"{value:.3f}"
            rows.append(f"{day},{shop},{price:.2f},{known}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
