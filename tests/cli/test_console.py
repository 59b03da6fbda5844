import json
import re

import pytest

from longshort.cli import console


def test_data_and_messages_have_a_stream_each(capsys):
    console.out("data")
    console.say("message")

    assert capsys.readouterr() == ("data\n", "message\n")


def test_json_keeps_letters_as_they_are_and_refuses_what_json_has_not(capsys):
    console.out_json({"a": "\u00e4"}, indent=None)

    assert capsys.readouterr().out == '{"a": "\u00e4"}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        console.out_json(float("nan"))


def test_a_table_is_aligned_whole_and_reads_no_markup(capsys):
    console.table(("name", "n"), [("[b]a[/b]", "1"), ("x" * 200, "22")], right=("n",), wrap=("name",))
    lines = capsys.readouterr().out.splitlines()

    assert lines == ["name" + " " * 198 + " n", "[b]a[/b]" + " " * 194 + " 1", "x" * 200 + "  22"]


def test_on_a_narrow_terminal_only_the_cells_that_may_wrap_do(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    console.table(("n", "text"), [("2024-05-06", "one two three")], wrap=("text",))
    lines = [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in capsys.readouterr().out.splitlines()]

    assert lines == ["n           text", "2024-05-06  one two", "            three"]


def test_json_is_indented_for_reading(capsys):
    console.out_json({"a": [1]})

    assert json.loads(capsys.readouterr().out) == {"a": [1]}


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert console.paint("x", "red") == "\x1b[31mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert console.paint("x", "red") == "x"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert console.paint("x", "red") == "x"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    assert console.paint("x", "red") == "x"
