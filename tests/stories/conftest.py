"""Every story has a database."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import Actor
from sigap.dispatch.actions import send_units
from sigap.dispatch.models import Assignment
from sigap.incidents.actions import open_incident

from .alerting import Far, far_ends
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


@pytest.fixture
def far() -> Iterator[Far]:
    """The far ends of alerts."""
    with far_ends() as far:
        yield far


@pytest.fixture
def job(actor: Callable[[str], Actor]) -> Callable[[], Assignment]:
    """A unit is sent, whatever speaks against it."""

    def send() -> Assignment:
        incident = open_incident(
            "kecelakaan_lalin", actor=actor("dispatcher"), priority=1, lat=-7.8185, lng=112.0155
        )
        (sent,) = send_units(
            incident.pk, ["AMB-01"], choice="radio", actor=actor("dispatcher"), confirmed=True
        )
        return sent

    return send
