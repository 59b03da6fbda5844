from __future__ import annotations

import sys

import numpy as np
import pytest

from longshort.errors import UserError
from longshort.insight.tables import Tabular


class Made(Tabular):
    def to_columns(self):
        return {"a": np.array([1, 2]), "b": ["x", "y"]}


def test_the_frame_has_the_columns():
    frame = Made().to_pandas()
    assert frame["a"].tolist() == [1, 2]
    assert frame["b"].tolist() == ["x", "y"]


def test_without_pandas_the_error_says_what_gives_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UserError, match=r"^Made\.to_pandas needs the package pandas") as caught:
        Made().to_pandas()
    assert caught.value.hint == "pip install pandas. Made.to_columns() gives the same table without it."
