"""Answer texts: those of the command line, of a file, or of stdin as they arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from longshort.artifacts.bundle import Bundle
from longshort.config import TextDataSettings
from longshort.data import encode_texts
from longshort.kinds.answers import ClassAnswer
from longshort.kinds.classes.probabilities import probabilities_of
from longshort.kinds.seam import Request
from longshort.kinds.text.settings import TextRunSettings
from longshort.kinds.text.task import TextClassification
from longshort.kinds.text.texts_of_request import chunks
from longshort.plain import PlainMapping

__all__ = ["predict"]


def predict(bundle: Bundle[TextClassification, TextRunSettings], request: Request) -> Iterator[Sequence[ClassAnswer]]:
    """Yield the answers chunk by chunk; the memory needed does not grow with the number of texts."""
    task = bundle.task
    labels, several = task.encoding.labels, task.encoding.multi_label
    settings = _settings(bundle.settings.data, request.file, request.changes)
    for chunk in chunks(request.texts, request.file, settings, request.note):
        examples = encode_texts(chunk, task.encoding)
        rows = probabilities_of(task, bundle.network, examples).tolist() if len(examples) else []
        yield [ClassAnswer.of(text, labels, row, multi_label=several) for text, row in zip(chunk, rows, strict=True)]


def _settings(trained: TextDataSettings, file: Path | None, changes: PlainMapping) -> TextDataSettings:
    """Those of the training for a file with columns, which may have no labels; the defaults for lines of text."""
    lines = file is None or file.suffix == ".txt"
    start = TextDataSettings() if lines else trained.replace(label=None, classes=None, skip_bad=False)
    return start.replace(**changes)
