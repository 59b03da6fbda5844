"""Cases that change `config.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hostile.corpus import CONFIG, change, hostile

NUMERIC = ("sequence-classification", "sequence-regression")


def says(name: str, /, *, tasks: tuple[str, ...] = (), **changes: Any) -> None:
    """Add a case that changes keys."""

    @hostile(f"the description says {name}", tasks=tasks)
    def _(folder: Path) -> None:
        change(folder / CONFIG, **changes)


def holds(name: str, text: str | bytes) -> None:
    """Add a case that replaces the text."""

    @hostile(f"the description is {name}")
    def _(folder: Path) -> None:
        (folder / CONFIG).write_bytes(text.encode() if isinstance(text, str) else text)


def spliced(name: str, old: str, new: str) -> None:
    """Add a case that changes part of the text."""

    @hostile(f"the description has {name}")
    def _(folder: Path) -> None:
        text = json.dumps(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
        assert old in text
        (folder / CONFIG).write_text(text.replace(old, new, 1), encoding="utf-8")


DEEP = 200_000
holds("as deep as the sea, in lists", "[" * DEEP + "]" * DEEP)
holds("as deep as the sea, in objects", '{"task":' * DEEP + "1" + "}" * DEEP)
holds("a list", "[]")
holds("a number", "1e400")
holds("null", "null")
holds("an empty object", "{}")
holds("Python", "__import__('os').system('touch /tmp/longshort-was-here')")
holds("YAML that makes an object", "!!python/object/apply:os.system ['touch /tmp/longshort-was-here']")
holds("10 MB of lists", "[" + "[]," * 3_400_000 + "[]]")
holds("4 MB of lists", "[" + "[]," * 1_390_000 + "[]]")
holds("4 MB of keys", "{" + ",".join(f'"{i}":{{}}' for i in range(300_000)) + "}")
holds("a number of 1,000,000 digits", '{"format": ' + "9" * 1_000_000 + "}")
holds("an endless text of one emoji and letters", json.dumps("a" * 4_000_000 + "\U0001f600", ensure_ascii=False))

spliced("a key twice", '"format": 1', '"format": 1, "format": 1')
spliced("a key twice in a section", '"hidden_size": 2', '"hidden_size": 2, "hidden_size": 4')
spliced("a setting of NaN", '"seed": 0', '"seed": NaN')
spliced("a rate of NaN", '"learning_rate": ', '"learning_rate": NaN, "patience": ')
spliced("a size of infinity", '"hidden_size": 2', '"hidden_size": Infinity')
spliced("a size of 1e400", '"hidden_size": 2', '"hidden_size": 1e400')
spliced("a size of 5,000 digits", '"hidden_size": 2', '"hidden_size": ' + "9" * 5_000)
spliced("a size with a fraction", '"hidden_size": 2', '"hidden_size": 2.5')
spliced("a size in another script", '"hidden_size": 2', '"hidden_size": "٢"')
spliced("half a character", '"longshort": "', '"longshort": "\\ud800')
spliced("a comment", '"format"', '/* fine */ "format"')

says("a format of tomorrow", format=2)
says("a format of yesterday", format=0)
says("a format as text", format="1")
says("a format that is true", format=True)
says("a format of a million digits' worth", format=10**39)
says("no format", format=...)
says("no task", task=...)
says("no settings", settings=...)
says("no version", longshort=...)
says("another task", task="telepathy")
says("a task as a list", task=["text-classification"])
says("a task that is a path", task="../../etc/passwd")
says("a task that is an import", task="os.system")
says("a task that is a dunder", task="__class__")
says("a version that is a path", longshort="../../etc/passwd")
says("a version that is an address", longshort="https://example.com/model")
says("a version with a control character", longshort="\x1b]0;owned\x07")
says("a version of 1 MB", longshort="1" * 1_000_000)
says("where the weights are", weights="/etc/passwd")
says("where the encoding is", encoding_file="../../../etc/passwd")
says("an address", auto_map={"AutoModel": "https://example.com/model.py"})
says("a class to import", _target_="os.system", _args_=["touch /tmp/longshort-was-here"])
spliced("a key in look-alike letters", '"format"', '"ｆormat": 1, "format"')
says("a key without a name", **{"": 1})
says("settings that are a list", settings=[])
says("settings that are a text", settings="{}")
says("an unknown section", settings__plugins={})
says("an unknown setting", settings__model__hook="os.system")
says("a section that is null", settings__model=None)
says("10^12 units", settings__model__hidden_size=10**12)
says("no units", settings__model__hidden_size=0)
says("units below 0", settings__model__hidden_size=-2)
says("units as text", settings__model__hidden_size="2")
says("units as a list", settings__model__hidden_size=[2])
says("a yes for units", settings__model__hidden_size=True)
says("10^12 layers", settings__model__num_layers=10**12)
says("the largest network that its bounds allow", settings__model__hidden_size=65_536, settings__model__num_layers=64)
says("other units", settings__model__hidden_size=3)
says("other layers", settings__model__num_layers=2)
says("a share of 2", settings__data__test_share=2.0)
says("a seed below 0", settings__training__seed=-1)
says("a seed of 64 bits", settings__training__seed=2**63)
says("a learning rate as text", settings__training__learning_rate="fast")
says("a file for a column", settings__data__encoding=["/etc/passwd"])

NETWORKS = ("text-classification", *NUMERIC)
says("both directions as text", tasks=NETWORKS, settings__model__bidirectional="yes")
says("both directions as a number", tasks=NETWORKS, settings__model__bidirectional=1)
says("one direction", tasks=NETWORKS, settings__model__bidirectional=False)
says("another pooling", tasks=NETWORKS, settings__model__pooling="eval")
says("10^12 filters", tasks=NUMERIC, settings__model__filters=10**12)
says("the most filters", tasks=NUMERIC, settings__model__filters=16_384)
says("no front", tasks=NUMERIC, settings__model__front="none")

TEXT = ("text-classification",)
says("10^12 numbers a token", tasks=TEXT, settings__model__embedding_size=10**12)
says("the most numbers a token", tasks=TEXT, settings__model__embedding_size=65_536)
says("a label twice", tasks=TEXT, labels=["neg", "neg", "pos"])
says("no label", tasks=TEXT, labels=[])
says("one label", tasks=TEXT, labels=["neg"])
says("labels as a text", tasks=TEXT, labels="neg")
says("labels as an object", tasks=TEXT, labels={"neg": 0})
says("a label that is a number", tasks=TEXT, labels=["neg", "pos", 3])
says("a label of 1 MB", tasks=TEXT, labels=["neg", "pos", "x" * 1_000_000])
says("500,000 labels", tasks=TEXT, labels=[str(i) for i in range(500_000)])
says("500,000 labels that are none", tasks=TEXT, labels=[0] * 500_000)
says("classes of a million nothings", settings__data__classes=[None] * 600_000)
says("a type of labels that there is none of", tasks=TEXT + NUMERIC, label_type="object")
says("a type of labels as a name to import", tasks=TEXT + NUMERIC, label_type="builtins.int")
says("labels that are no numbers, as numbers", tasks=TEXT + NUMERIC, label_type="int")
says("labels of a forecast", tasks=("forecast",), label_type="int")
says("labels that are numbers of 5,000 digits", tasks=TEXT, labels=["1", "9" * 5_000], label_type="int")
says("several labels as a number", tasks=TEXT, multi_label=1)
says("no labels at all", tasks=TEXT, labels=...)
says("a vocabulary of 10^12", tasks=TEXT, settings__tokenizer__vocabulary_limit=10**12)

AHEAD = ("forecast",)
says("quantiles that fall", tasks=AHEAD, settings__model__quantiles=[0.9, 0.5, 0.1])
says("quantiles without the median", tasks=AHEAD, settings__model__quantiles=[0.1, 0.2, 0.9])
says("quantiles of texts", tasks=AHEAD, settings__model__quantiles=["a"] * 500_000)
says("64 members of 64 layers", tasks=AHEAD, settings__model__members=64, settings__model__num_layers=64)
says("the most members", tasks=AHEAD, settings__model__members=64)
