"""Every story has a database."""

from collections.abc import Callable

import pytest

from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import Actor


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    pass


@pytest.fixture
def put(actor: Callable[[str], Actor]) -> Callable[[str, float], None]:
    """Set a parameter as the administrator does."""
    return lambda name, number: set_parameter(name, number, actor=actor("administrator"))
