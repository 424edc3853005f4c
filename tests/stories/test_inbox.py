"""What was kept at the door and is carried out later."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.test import Client
from pydantic import ValidationError

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Busy, Refused
from sigap.core.inbox import drain, refused, waiting
from sigap.core.models import Alarm, Inbox
from sigap.gateways.hooks import UNDERSTAND
from sigap.gateways.telephony import CallEvent, understand_call


def kept(event_id: str = "e1", source: str = "call:pbx", **more: Any) -> Inbox:
    """A letter as the door leaves it."""
    event = {"event_id": event_id, "call_id": "c1", "kind": "presented", "number": "081233451190"}
    payload = json.dumps(event | {"at": clock.now().isoformat()} | more)
    now = clock.now()
    return Inbox.objects.create(
        source=source, external_id=event_id, payload=payload, received_at=now
    )


def test_a_clock_that_is_set_back_loses_no_event(time: clock.Frozen) -> None:
    kept()
    time.forward(-3600)
    assert drain(UNDERSTAND) == 1
    assert Call.objects.get().state == "presented"
    assert not refused().exists()


def test_an_event_from_the_future_is_refused_at_the_door() -> None:
    later = (clock.now() + timedelta(minutes=5)).isoformat()
    event = json.dumps({"event_id": "e", "call_id": "c", "kind": "presented", "at": later})
    with pytest.raises(ValidationError, match="clock"):
        CallEvent.model_validate_json(event, context={"now": clock.now()})


def test_what_cannot_be_carried_out_is_seen_counted_and_alarmed_once(
    browser_of: Callable[[str], Client],
) -> None:
    def refuse(_payload: str, _actor: object) -> None:
        raise Refused("no")

    for event_id in ("e1", "e2", "e3"):
        kept(event_id)
    kept("e4", source="call:second")
    drain({"call": refuse})
    assert refused().count() == 4
    alarm = Alarm.objects.get(code="refused")
    assert (alarm.owner, alarm.state) == ("supervisor", "new")
    page = browser_of("supervisor").get("/supervisor").content.decode()
    assert "call:second" in page and "081233451190" not in page
    assert "sigap_inbox_refused 4.0" in browser_of("administrator").get("/metrics").content.decode()


@pytest.mark.parametrize("fault", [DataError, IntegrityError, ZeroDivisionError])
def test_a_letter_that_cannot_be_kept_does_not_hold_up_the_next(
    fault: type[Exception], db: None
) -> None:
    def understand(payload: str, actor: Actor) -> None:
        if "081200000001" in payload:
            raise fault
        understand_call(payload, actor)

    kept("e1", number="081200000001")
    kept("e2", call_id="c2")
    assert drain({"call": understand}) == 2
    assert Call.objects.get().external_id == "c2"
    assert refused().get().error == f"fault:{fault.__name__}"


def test_while_the_database_fails_every_letter_waits(db: None) -> None:
    def fail(_payload: str, _actor: Actor) -> None:
        raise OperationalError

    kept("e1")
    with pytest.raises(Busy):
        drain({"call": fail})
    assert waiting() == 1 and not refused().exists()
