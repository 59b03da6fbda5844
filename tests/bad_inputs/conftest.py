from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from longshort.cli import main


@pytest.fixture
def longshort() -> Callable[..., Result]:
    """Types a command line; its streams are no terminal."""

    def type_in(*args: str, **extra: object) -> Result:
        return CliRunner().invoke(main, args, **extra)

    return type_in
