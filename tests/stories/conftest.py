"""Every story has a database."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import Actor

from .chatting import Citizen


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    pass


@pytest.fixture(autouse=True)
def _files_apart(settings: Any, tmp_path: Path) -> None:
    """What a story keeps of photos is its own."""
    settings.ENV = settings.ENV.model_copy(update={"attachments_dir": tmp_path / "attachments"})


@pytest.fixture
def put(actor: Callable[[str], Actor]) -> Callable[[str, float], None]:
    """Set a parameter as the administrator does."""
    return lambda name, number: set_parameter(name, number, actor=actor("administrator"))


@pytest.fixture
def siti(db: None) -> Citizen:
    """A citizen with WhatsApp."""
    return Citizen()
