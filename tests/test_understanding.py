"""The walkthrough in docs/understanding.md: its commands exist, and its numbers satisfy the equations."""

from __future__ import annotations

import importlib.util
import math
import re
import shlex
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.insight.small import TEXTS, classifier

from longshort import trace
from longshort.cli import main

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "understanding.md").read_text(encoding="utf-8")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


walk = load("walk")


def commands() -> list[str]:
    return [each for block in walk.BLOCK.findall(PAGE) for each in walk.commands(block)]


@pytest.mark.parametrize("command", [each for each in commands() if each.startswith("longshort")])
def test_every_command_of_the_page_exists(command: str) -> None:
    name, *arguments = shlex.split(command.partition(" 2>")[0].removeprefix("longshort "))
    own = main.get_command(main.make_context("longshort", ["doctor"]), name)

    assert own is not None
    own.make_context(name, arguments)


def test_every_block_shows_the_output_of_its_command() -> None:
    for block in walk.BLOCK.findall(PAGE):
        (command,) = walk.commands(block)
        printed = block.splitlines()[1:]
        assert bool(printed) != ("--output" in command)


def test_the_numbers_of_the_page_satisfy_the_equations() -> None:
    """Recompute each line from its numbers, which are rounded to three decimals."""
    lines = re.findall(r"^([ifgoch]) = .*$", PAGE, re.MULTILINE)
    functions = {"sigmoid": lambda x: 1 / (1 + math.exp(-x)), "tanh": math.tanh, "__builtins__": {}}
    worked = 0
    for line in re.findall(r"^[ifgoch] = .*$", PAGE, re.MULTILINE):
        *steps, value = line.split(" = ")[2:]
        for step in steps:
            if "mean" in step:
                continue
            assert eval(step, functions) == pytest.approx(float(value), abs=2.1e-3), line
            worked += 1

    assert lines == list("ifgoch") * 2
    assert worked == 4 * 2 + 2 + 2 + 1


def test_the_walk_inserts_the_output_of_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    page = "text\n```console\n$ echo one \\\n  two\nold\n$ ls; touch made\n```\n```python\n$ echo no\n```\n"
    one.write_text(page, encoding="utf-8")
    two.write_text("```console\n$ ls\n```\n", encoding="utf-8")

    assert walk.main(["--check", str(one), str(two)]) == 1
    assert "+one two\n" in capsys.readouterr().out
    assert one.read_text(encoding="utf-8") == page
    assert walk.main([str(one), str(two)]) == 0
    assert one.read_text(encoding="utf-8") == (
        "text\n```console\n$ echo one \\\n  two\none two\n\n$ ls; touch made\ndocs\n```\n```python\n$ echo no\n```\n"
    )
    assert two.read_text(encoding="utf-8") == "```console\n$ ls\ndocs\nmade\n```\n"
    assert walk.main(["--check", str(one), str(two)]) == 0


def test_the_equations_by_hand_agree_with_the_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    classifier().save(tmp_path)
    load("by_hand").main(str(tmp_path), "good bad film", "2")
    *steps, last = capsys.readouterr().out.splitlines()
    seen = trace(classifier(), "good bad film")

    assert last == "longshort.trace says the same for all 6 units, to 0.000001: True"
    assert [each.split()[0] for each in steps] == ["good", "bad", "film"]
    assert [float(each.split()[3]) for each in steps] == pytest.approx(seen.cell[0, 0, :, 2].tolist(), abs=6e-4)


@pytest.mark.filterwarnings("ignore:The LSTM runs on torch")
def test_the_numbers_of_insight_are_those_of_finite_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier().save(tmp_path)
    pq.write_table(pa.table({"text": TEXTS[:3]}), tmp_path / "predictions.parquet")
    load("checks").main(str(tmp_path))
    lines = capsys.readouterr().out.splitlines()
    shares = [float(re.findall(r"([\d.e-]+)%? (?:of it )?at most", line)[0]) for line in lines]

    assert [line.split()[0] for line in lines] == ["contributions", "slope", "logits", "gradient"]
    assert shares[0] < 1
    assert max(shares[1:]) < 1e-5
