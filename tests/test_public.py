"""The public names are complete, and importing is cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

import longshort
from longshort.version import __version__


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_the_public_names() -> None:
    assert longshort.__all__ == [
        "LSTM",
        "EmbeddingLSTM",
        "Forecaster",
        "Ragged",
        "SequenceClassifier",
        "SequenceRegressor",
        "TextClassifier",
        "__version__",
        "accelerate",
        "explain",
        "horizon",
        "load",
        "restore",
        "trace",
        "units",
        "watch",
    ]
    assert dir(longshort) == sorted(longshort.__all__)
    assert longshort.__version__ == __version__


def test_each_name_is_that_of_its_module() -> None:
    from longshort.estimators import SequenceClassifier, SequenceRegressor, TextClassifier, load
    from longshort.insight.attribution.explaining import explain
    from longshort.insight.horizon import horizon
    from longshort.insight.tracing import trace
    from longshort.insight.units.study import units
    from longshort.insight.watch import watch
    from longshort.lstm import LSTM, EmbeddingLSTM
    from longshort.lstm.accelerate import accelerate, restore
    from longshort.ragged import Ragged

    for thing in (
        LSTM,
        EmbeddingLSTM,
        Ragged,
        SequenceClassifier,
        SequenceRegressor,
        TextClassifier,
        accelerate,
        explain,
        horizon,
        load,
        restore,
        trace,
        units,
        watch,
    ):
        assert getattr(longshort, thing.__name__) is thing


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"^module 'longshort' has no attribute 'LTSM'$"):
        _ = longshort.LTSM


def test_importing_loads_almost_nothing() -> None:
    heavy = "{'torch', 'numpy', 'sklearn', 'pandas', 'pyarrow', 'pydantic', 'matplotlib', 'rich', 'tokenizers'}"
    code = f"import sys; import longshort; longshort.__version__; dir(longshort); print({heavy} & {{*sys.modules}})"
    assert python(code) == "set()"


@pytest.mark.slow
def test_everything_can_be_imported_at_once() -> None:
    code = "from longshort import *; print(LSTM.__name__, Ragged.__name__, accelerate.__name__, load.__name__)"
    assert python(code) == "LSTM Ragged accelerate load"


def test_importing_has_no_side_effects() -> None:
    """No threads, no logging, no random numbers, no warnings."""
    code = (
        "import logging, random, signal, threading, warnings\n"
        "before = (random.getstate(), signal.getsignal(signal.SIGINT), list(warnings.filters))\n"
        "import longshort\n"
        "assert before == (random.getstate(), signal.getsignal(signal.SIGINT), list(warnings.filters))\n"
        "print(threading.active_count(), logging.getLogger().handlers, logging.getLogger('longshort').handlers)"
    )
    assert python(code) == "1 [] []"
