import json
from types import SimpleNamespace

import pytest
from tests.insight.small import classifier

import longshort as package
from longshort.cli.commands import explain as module
from longshort.insight import phrases

TEXT = "a Good good film, zorblax"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("model")
    classifier().save(place)
    return str(place)


@pytest.fixture(scope="module")
def found():
    return package.explain(classifier(), TEXT)


def test_the_answer_the_tokens_the_strongest_and_the_account(longshort, folder, found):
    result = longshort("explain", folder, TEXT, "--top", "3")
    answer, _, text, legend, _, headers, *rows, _, account = result.stdout.splitlines()
    other = min(found.probabilities, key=found.probabilities.get)

    assert (result.exit_code, result.stderr) == (0, "")
    assert answer == f"{found.label} {found.probability:.3f}; {other} {found.probabilities[other]:.3f}"
    assert text.startswith("a")
    assert "zorblax" in text
    assert "(?)" in text
    assert legend == f"for {found.label}(+)  against it(-)  (?) not in the vocabulary"
    assert headers.split() == ["token", "step", "contribution"]
    for place, row in zip(found.strongest(3), rows, strict=True):
        token, step, value, *_ = row.split()
        assert (token.removesuffix("(?)"), int(step)) == (found.tokens[place], place)
        assert float(value) == pytest.approx(found.values[place], abs=6e-4)
    assert account == found.sentence()
    assert "\x1b" not in result.stdout


def test_the_bars_point_to_their_side():
    assert module._bar(1.0) == " " * 18 + "|" + "+" * 18
    assert module._bar(-0.5) == " " * 9 + "-" * 9 + "|"


def test_other_methods_classes_and_settings(longshort, folder):
    for arguments, options in (
        (("--method", "occlusion", "--window", "2"), {"method": "occlusion", "window": 2}),
        (("--method", "decomposition", "--class", "neg"), {"method": "decomposition", "label": "neg"}),
        (("--baseline", "mean", "--class", "pos"), {"baseline": "mean", "label": "pos"}),
    ):
        content = json.loads(longshort("explain", folder, TEXT, "--json", *arguments).stdout)
        wanted = package.explain(classifier(), TEXT, **options)
        assert content["values"] == pytest.approx(wanted.values.tolist(), abs=1e-6)
        assert content["label"] == wanted.label


def test_a_phrase(longshort, folder, found):
    result = longshort("explain", folder, TEXT, "--phrase", "good FILM")
    content = json.loads(longshort("explain", folder, TEXT, "--phrase", "good film", "--json").stdout)
    (phrase,) = phrases(classifier(), TEXT, "good film", label=found.label)
    (left_out,) = json.loads(
        longshort("explain", folder, TEXT, "--phrase", "good film", "--json", "--method", "occlusion").stdout
    )["phrases"]

    assert result.stdout.splitlines()[-2] == phrase.sentence()
    assert content["phrases"] == [json.loads(json.dumps(phrase.to_dict()))]
    assert (content["phrases"][0]["method"], left_out["method"]) == ("decomposition", "occlusion")


def test_the_text_from_stdin(longshort, folder):
    assert longshort("explain", folder, "-", input=TEXT + "\n").stdout == longshort("explain", folder, TEXT).stdout


def test_a_page_and_a_figure(longshort, folder, tmp_path):
    page, figure = tmp_path / "why.html", tmp_path / "why.png"
    result = longshort("explain", folder, "good <b>film</b>", "--html", str(page), "--figure", str(figure))

    assert result.exit_code == 0
    assert result.stderr == f"Wrote {page}.\nWrote {figure}.\n"
    assert "<h1>Why " in page.read_text(encoding="utf-8")
    assert "<b>" not in page.read_text(encoding="utf-8")
    assert figure.read_bytes().startswith(b"\x89PNG")


def test_colours_on_a_terminal_and_marks_where_they_are_not_wanted(monkeypatch):
    monkeypatch.setattr("sys.stdout", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert module._styled()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not module._styled()
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not module._styled()


def test_negation(longshort, tmp_path):
    from tests.insight.negation.test_asking import trained

    trained(True).save(tmp_path)
    result = longshort("explain", str(tmp_path), "--negation")
    lines = result.stdout.splitlines()
    content = json.loads(longshort("explain", str(tmp_path), "--negation", "--json").stdout)

    assert (result.exit_code, result.stderr) == (0, "")
    assert lines[0] == "Scores are above zero for good, below for bad."
    assert lines[2].split() == ["phrase", "word", "alone", "with", "negation", "flips", "the", "phrase's", "own"]
    assert lines[3].startswith("not good")
    assert lines[-len(content["sentences"]) :] == content["sentences"]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        ((), "TEXT is missing: the text to analyse.", "For example: longshort explain"),
        (
            (TEXT, "--negation"),
            "--negation asks about a built-in set of phrases. Got a text, or an option",
            "Leave one",
        ),
        (("--negation", "--class", "pos"), "--negation asks about a built-in set of phrases.", "Leave one"),
        ((TEXT, "--figure", "x.svg"), "The file of --figure must end in .png. Got x.svg.", "Name it x.png."),
        ((" ",), "The text must hold at least one token. Got ' '.", "Write a few words."),
        ((TEXT, "--class", "posi"), "The class must be one that the model knows: neg, pos. Got 'posi'.", "Did you"),
        ((TEXT, "--phrase", "awful"), "The phrase must occur in the text, beginning and ending", "Copy it"),
        ((TEXT, "--window", "2"), "window belongs to the method occlusion.", "Leave window out"),
        ((TEXT, "--html", "no/such/x.html"), "no/such/x.html: The file could not be written: No such", "Name another"),
        (
            ("--negation",),
            "Negations are asked of words of praise and of blame that the model knows.",
            "They are English",
        ),
    ],
)
def test_a_mistake_is_told_once_with_a_hint(longshort, folder, arguments, message, hint):
    result = longshort("explain", folder, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}")
    assert f"\n\nhint: {hint}" in result.stderr
