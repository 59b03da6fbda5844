"""Cases that change `encoding.json`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.hostile.corpus import change, encoding, hostile

FILE = ("encoding.json",)
SEQUENCES = ("sequence-classification", "sequence-regression")
CLASSES, NUMBERS, AHEAD = SEQUENCES[:1], SEQUENCES[1:], ("forecast",)


def says(name: str, /, *, tasks: tuple[str, ...] = (), **changes: Any) -> None:
    """Add a case that changes keys."""

    @hostile(f"an encoding with {name}", encodings=FILE, tasks=tasks)
    def _(folder: Path) -> None:
        change(encoding(folder), **changes)


def text(name: str, make: Callable[[str], str]) -> None:
    """Add a case that changes the text."""

    @hostile(f"an encoding with {name}", encodings=FILE)
    def _(folder: Path) -> None:
        path = encoding(folder)
        path.write_text(make(path.read_text(encoding="utf-8")), encoding="utf-8")


text("a key twice", lambda held: held.replace("{", '{"kind": "regression", "kind": "regression", ', 1))
text("lists as deep as the sea", lambda held: "[" * 1_000_000)
text("10 MB of lists", lambda held: "[" + "[]," * 3_400_000 + "[]]")
text("12 MB of one text", lambda held: '{"kind": "' + "x" * 12_000_000 + '"}')
text("200,000 keys", lambda held: "{" + ",".join(f'"{i}":0' for i in range(200_000)) + "}")
text("100 MB", lambda held: held + " " * 100_000_000)
text("nothing in it", lambda held: "{}")
text("a list", lambda held: "[]")
text("another task's content", lambda held: '{"version": "1.0", "model": {"type": "WordLevel", "vocab": {}}}')
says("a key more", path="/etc/passwd")
says("a class to import", _target_="os.system")

says("means of NaN", tasks=SEQUENCES, means=[float("nan")] * 2)
says("scales of NaN", tasks=SEQUENCES, scales=[float("nan")] * 2)
says("scales of infinity", tasks=SEQUENCES, scales=[float("inf")] * 2)
says("scales of 0", tasks=SEQUENCES, scales=[0.0, 0.0])
says("scales below 0", tasks=SEQUENCES, scales=[-1.0, 1.0])
says("means as texts", tasks=SEQUENCES, means=["0", "0"])
says("means as one text", tasks=SEQUENCES, means="00")
says("too few means", tasks=SEQUENCES, means=[0.0])
says("a channel more", tasks=SEQUENCES, channels=["a", "b", "c"], means=[0.0] * 3, scales=[1.0] * 3, missing=[0.0] * 3)
says("100,000 channels", tasks=SEQUENCES, channels=["a"] * 100_000)
says("340,000 texts for means", tasks=SEQUENCES, means=[""] * 340_000)
says("no channels", tasks=SEQUENCES, channels=[], means=[], scales=[], missing=[])
says("a channel that is a number", tasks=SEQUENCES, channels=[1, 2])
says("shares above 1", tasks=SEQUENCES, missing=[2.0, 0.0])
says("another kind", tasks=SEQUENCES, kind="forecast")
says("masked channels that the weights have not", tasks=SEQUENCES, masked=True)
says("masked channels as text", tasks=SEQUENCES, masked="false")
says("10^30 steps", tasks=SEQUENCES, steps=10**30)
says("steps below 1", tasks=SEQUENCES, steps=0)
says("wider convolutions", tasks=SEQUENCES, steps=2**53)
says("a target's scale of 0", tasks=SEQUENCES, target_scale=0.0)
says("a label twice", tasks=CLASSES, labels=["a", "a"])
says("one label", tasks=CLASSES, labels=["a"])
says("a label more", tasks=CLASSES, labels=["a", "b", "c"])
says("a label of 20,000 characters", tasks=CLASSES, labels=["a", "b" * 20_000])
says("the kind of the other task", tasks=CLASSES, kind="regression", labels=[])
says("the kind of the other task", tasks=NUMBERS, kind="classification", labels=["a", "b"])
says("labels of a regression", tasks=NUMBERS, labels=["a", "b"])

says("no trends", tasks=AHEAD, trends=[])
says("a trend twice", tasks=AHEAD, trends=["last", "last"])
says("a trend to import", tasks=AHEAD, trends=["os.system"])
says("a trend that is a list", tasks=AHEAD, trends=[["last"]])
says("a trend more", tasks=AHEAD, trends=["last", "level", "none"])
says("a context of 10^12", tasks=AHEAD, context=10**12)
says("the longest context", tasks=AHEAD, context=1_000_000, horizon=1_000_000, season=1_000_000)
says("a context of 0", tasks=AHEAD, context=0)
says("a horizon as text", tasks=AHEAD, horizon="3")
says("a horizon that is true", tasks=AHEAD, horizon=True)
says("a longer horizon", tasks=AHEAD, horizon=4)
says("a logarithm as a number", tasks=AHEAD, logarithm=1)
says("a target that is a number", tasks=AHEAD, target=1)
says("a step that is a number", tasks=AHEAD, step=1)
says("a step of 10^30", tasks=AHEAD, step={"unit": "number", "count": 10**30, "phase": 0, "within": 0})
says("a step of 0", tasks=AHEAD, step={"unit": "number", "count": 0, "phase": 0, "within": 0})
says("a step to import", tasks=AHEAD, step={"unit": "os.system", "count": 1, "phase": 0, "within": 0})
says("a covariate that the weights have not", tasks=AHEAD, known=["price"], known_scaling=[[0.0, 1.0]])
says("100,000 covariates", tasks=AHEAD, known=["price"] * 100_000, known_scaling=[[0.0, 1.0]] * 100_000)
says("a covariate without a scale", tasks=AHEAD, known=["price"])
says("scales of NaN", tasks=AHEAD, series_scaling={"": [0.0, float("nan")]})
says("scales of 0", tasks=AHEAD, series_scaling={"": [0.0, 0.0]})
says("scales of 1e400", tasks=AHEAD, series_scaling={"": [0.0, 10**39]}, target=None)
says("no series", tasks=AHEAD, series_scaling={})
says("series as a list", tasks=AHEAD, series_scaling=[[0.0, 1.0]])
