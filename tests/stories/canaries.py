"""Words that no row of the journal and no line of the logs may repeat, whoever typed them where."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DatabaseError
from django.db import transaction as django

from sigap.core.actors import system
from sigap.core.errors import SigapError

NUMBER = "081298765432"
WORD = "kenari-rahasia"  # passes for a code, as a typed name may
WORDS = "Bu Kenari Kuning, Jl. Melati 7 RT 02"
ADDRESS = "203.0.113.77"
SECRET = "kata sandi kenari"
CANARIES = ("kenari", "98765432", "melati", ADDRESS, "8126543")
PLACE = {"lat": -7.8126543, "lng": 112.0126543}
SETUP = system("setup")


def tried(action: Callable[..., Any], *args: Any, **more: Any) -> None:
    """Call an action that should refuse what it is given; how does not matter here."""
    with suppress(SigapError, ValueError, DatabaseError), django.atomic():
        action(*args, **more)
