"""The readiness board, the sheets of agencies and crews, and hospitals, as their people see them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.fleet.models import Equipment, EquipmentCheck, Hospital, HospitalStatus, Unit

Browse = Callable[[str | None], Client]


def sheet(call_sign: str, *, external_id: str = "lembar-0001", **changed: str) -> dict[str, str]:
    """A form with everything in order, but for what is changed by the code of its kind."""
    form = {"external_id": external_id, "occurred_at": ""}
    for piece in Equipment.objects.filter(unit__call_sign=call_sign).select_related("kind"):
        result, _colon, reason = changed.get(piece.kind.code, "passed").partition(":")
        form |= {f"result-{piece.pk}": result, f"reason-{piece.pk}": reason}
    return form


def test_a_crew_checks_its_vehicle_on_a_phone(browser_of: Browse) -> None:
    crew = browser_of("crew")
    page = crew.get("/crew/check").content.decode()
    assert 'data-outbox="check"' in page and 'name="external_id"' in page
    assert page.count("<fieldset") == Equipment.objects.filter(unit__call_sign="AMB-01").count()
    answer = crew.post("/crew/check", sheet("AMB-01"))
    assert (answer.status_code, answer["Location"]) == (302, "/crew")
    states = set(Equipment.objects.filter(unit__call_sign="AMB-01").values_list("state", flat=True))
    assert states == {"in_order"}
