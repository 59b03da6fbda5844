"""What has columns can be had as a frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from longshort.errors import UserError

__all__ = ["Tabular"]

AnyArray = npt.NDArray[Any]
"""An array of numbers of any type."""


class Tabular(ABC):
    """Something that can be written as one table."""

    @abstractmethod
    def to_columns(self) -> Mapping[str, AnyArray | list[object]]:
        """The columns of that table, by name, all of one length."""

    def to_pandas(self) -> Any:
        """`to_columns` as a pandas DataFrame.

        Raises:
            UserError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            name = type(self).__name__
            raise UserError(
                f"{name}.to_pandas needs the package pandas, which is not installed.",
                f"pip install pandas. {name}.to_columns() gives the same table without it.",
            ) from None
        return pd.DataFrame(self.to_columns())
