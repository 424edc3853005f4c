"""What a telephone exchange says, and that it listens."""

from typing import Any

from sigap.calls.actions import report_event
from sigap.calls.models import Call
from sigap.calls.queries import EXCHANGE
from sigap.core import clock
from sigap.core.actions.jobs import job_ended

from ..conftest import PBX

NUMBER = "081233451190"


def say(kind: str, name: str = "a", number: str | None = NUMBER, **more: Any) -> Call:
    """One event of the call that the exchange calls so."""
    told = {"source": "pbx", "at": clock.now(), "actor": PBX} | more
    return report_event(kind, external_id=name, number=number, **told)


def sets_aside(name: str = "a", number: str | None = NUMBER) -> Call:
    """A call rings and the gate hears nobody."""
    say("presented", name, number)
    return say("gate_silent", name, number, reason="no_sign", heard_s=14.0)


def listens(name: str = "pbx") -> None:
    """The exchange follows our orders just now."""
    job_ended(EXCHANGE + name, every_s=10, done=0)
