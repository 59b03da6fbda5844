"""Records one run of one source tree, in a process of its own: `python child.py SOURCE NAME FOLDER`."""

from __future__ import annotations

import hashlib
import importlib.machinery
import io
import json
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

TIMES = {"seconds", "created", "longshort"}
TEXTS = ["a good film", "a bad story", ""]


def use(source: Path) -> None:
    """Import longshort from `source`, whatever is installed; the compiled kernel is the installed one."""
    sys.meta_path[:] = [
        each
        for each in sys.meta_path
        if "longshort" not in repr(vars(each).get("known_packages", ""))
        and type(each).__module__ != "_editable_skbc_longshort"
    ]
    installed = [str(Path(place) / "longshort") for place in sys.path if place.endswith("site-packages")]
    sys.path.insert(0, str(source))
    import longshort

    assert Path(longshort.__file__).is_relative_to(source), longshort.__file__
    import longshort.lstm

    longshort.lstm.__path__.extend(f"{place}/lstm" for place in installed)


def main(source: str, name: str, folder: str) -> None:
    """Record everything of the run `name`."""
    use(Path(source))
    import torch

    torch.set_num_threads(1)
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.recordings.commands import COMMANDS, EVERYWHERE, RUNS
    from tests.recordings.data import write_all

    out, work = Path(folder) / name, Path(folder) / f".work-{name}"
    for place in (out, work):
        place.mkdir(parents=True)
    os.chdir(work)
    write_all(Path())
    for number, command in enumerate([RUNS[name], *COMMANDS[name], *EVERYWHERE]):
        words = "-".join(re.sub(r"\W+", "-", word) for word in command[:6])
        (out / f"{number:02d}-{words}.txt".replace("--", "-")).write_text(_typed(command), encoding="utf-8")
    for run in sorted(Path("runs").iterdir()):
        if (run / "metrics.json").is_file():
            _record_run(run, out)
    _write(out / "python.json", _python(name))


def _typed(command: list[str]) -> str:
    from longshort.cli import main as longshort

    stdout, stderr = _Stream(), _Stream()
    code: object = 0
    with redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            longshort(args=command)
        except SystemExit as ended:
            code = ended.code
    return _masked(f"$ {' '.join(command)}\nexit {code}\n--- stdout\n{stdout.text()}--- stderr\n{stderr.text()}")


class _Stream(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def _masked(text: str) -> str:
    text = re.sub(r"\b\d+(\.\d+)? s\b", "N s", text)
    text = re.sub(r'"(seconds|created)": [^,\n}]+', r'"\1": N', text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "DATE", text)
    return re.sub(r" +\d+  \d{4}-\d\d-\d\d$", " N  DATE", text, flags=re.MULTILINE)


def _record_run(run: Path, out: Path) -> None:
    import pyarrow.parquet as pq
    from safetensors.torch import load_file

    bits: dict[str, Any] = {}
    for name, tensor in sorted(load_file(run / "model" / "weights.safetensors").items()):
        bits[name] = hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()
    for path in sorted(run.glob("*.parquet")):
        columns = pq.read_table(path).to_pydict()
        bits[path.name] = {key: hashlib.sha256(repr(values).encode()).hexdigest() for key, values in columns.items()}
    _write(out / f"{run.name}.bits.json", bits)
    for path in (*run.glob("model/*.json"), run / "metrics.json", run / "run.json"):
        _write(out / f"{run.name}.{path.name}", _plain(json.loads(path.read_text(encoding="utf-8"))))
    history = [json.loads(line) for line in (run / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    _write(out / f"{run.name}.history.json", _plain(history))
    (out / f"{run.name}.README.md").write_text(_masked((run / "README.md").read_text(encoding="utf-8")))
    for page in sorted(run.glob("*.html")):
        (out / f"{run.name}.{page.name}.txt").write_text(_page(page.read_text(encoding="utf-8")), encoding="utf-8")


def _page(html: str) -> str:
    """The words of a page, one a line; scripts and pictures as marks."""
    html = re.sub(r"<script.*?</script>", "[script]", html, flags=re.DOTALL)
    html = re.sub(r"base64,[A-Za-z0-9+/=]+", "[picture]", html)
    html = re.sub(r'data-figure="[^"]*"', "[figure]", html)
    return _masked(re.sub(r"\s*\n\s*", "\n", re.sub(r"<[^>]*>", "\n", html)))


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        skip = {*TIMES, "folder", "torch", "processor"}
        return {key: _plain(value) for key, value in content.items() if key not in skip}
    return [_plain(each) for each in content] if isinstance(content, list) else content


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8")


def _digest(values: Any) -> str:
    import numpy as np

    return hashlib.sha256(np.ascontiguousarray(np.asarray(values)).tobytes()).hexdigest()


def _python(name: str) -> dict[str, Any]:
    """What the estimator of the run, and a new one, answer."""
    import numpy as np

    import longshort

    model = longshort.load(f"runs/{name}")
    kind = type(model).__name__
    found: dict[str, Any] = {"type": kind, "params": {k: repr(v) for k, v in model.get_params().items()}}
    made = type(model)(epochs=2, hidden_size=4)
    found["repr"] = repr(made)
    draw = np.random.default_rng(0)
    if kind == "TextClassifier":
        found["loaded"] = _digest(model.predict_proba(TEXTS))
        texts, labels = TEXTS * 8, [0, 1, 1] * 8
        made.set_params(embedding_size=4, pretraining_epochs=0, validation_share=0.0).fit(
            texts, labels, sample_weight=np.arange(24) + 1
        )
        found["fitted"] = _digest(made.predict_proba(TEXTS))
        found["further"] = _digest(made.partial_fit(texts, labels).predict_proba(TEXTS))
    elif kind == "Forecaster":
        series = np.sin(np.arange(60) / 2) + draw.normal(0, 0.1, 60)
        made.set_params(horizon=3).fit(series)
        found["fitted"] = _digest(made.predict())
    else:
        x, y = draw.normal(size=(24, 9, 2)), draw.normal(size=24)
        targets = (y > 0).astype(int) if kind == "SequenceClassifier" else y
        made.set_params(filters=4, members=1, bidirectional=False).fit(x, targets)
        answer = made.predict_proba if kind == "SequenceClassifier" else made.predict
        found["fitted"] = _digest(answer(x))
        found["stream"] = _digest(made.stream().feed(x[0]))
        found["further"] = _digest(made.partial_fit(x, targets) and answer(x))
    made.save("saved")
    again = longshort.load("saved")
    found["saved"] = sorted(path.name for path in Path("saved").iterdir())
    found["again"] = repr(again.get_params() == made.get_params())
    return found


if __name__ == "__main__":
    assert importlib.machinery
    main(*sys.argv[1:])
