"""The simulation's bulk mode is no other product: a day ends as it does request by request."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction as django
from django.test import override_settings
from pydantic import SecretStr

from sigap.calls.models import Call
from sigap.core.actors import system
from sigap.core.journal import verify
from sigap.core.models import Alarm, Contact, Journal, Shift
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident
from sigap.packs.load import find_pack
from sigap.packs.read import read_pack
from sim import fast, slow
from sim.city import plan
from sim.events import Event
from sim.inside import Inside
from sim.people import hire
from sim.presets import Preset

DAY = Preset(
    pack="kediri",
    name="one day",
    first=date(2026, 11, 3),
    last=date(2026, 11, 3),
    calls={
        "emergency": 9,
        "repeat": 4,
        "complaint": 3,
        "information": 6,
        "prank": 14,
        "misdial": 12,
        "silent": 14,
        "noise": 3,
        "test": 1,
        "out_of_area": 1,
        "abandoned": 9,
    },
    desks=2,
)
# Kinds that only a screen that is looked at writes.
OF_SCREENS = ("person.opened", "user.signed_in", "user.signed_out")
EVERYTHING = {kind.__name__ for kind in Event.__subclasses__()}
Dump = dict[str, list[Any]]


@pytest.fixture
def hooks_open() -> Iterator[None]:
    token = SecretStr("a token for the tests")
    with override_settings(ENV=settings.ENV.model_copy(update={"hook_token": token})):
        yield


def test_a_day_in_bulk_ends_in_the_same_state_as_request_by_request(hooks_open: None) -> None:
    pack = read_pack(find_pack("kediri"))
    hire(DAY, pack, actor=system("sim"))
    events = list(plan(DAY, pack, seed=4))
    assert {type(e).__name__ for e in events} >= EVERYTHING
    before = Journal.objects.count()

    with django.atomic():
        fast.run(events)
        in_bulk = dump(before)
        assert verify().broken_seq is None
        django.set_rollback(True)

    with Inside() as world:
        slow.run(events, world)
    one_by_one = dump(before)

    for table, rows in in_bulk.items():
        assert rows == one_by_one[table], table


def dump(since: int) -> Dump:
    """The state tables and the journal, with rows named by order instead of by number."""
    names = Names()
    journal = [
        (
            *(row.kind, row.actor, row.before, row.after, row.at, row.occurred_at),
            names.of(row.subject),
            names.of(row.case),
            {k: v for k, v in row.body.items() if not isinstance(v, int) or k == "priority"},
        )
        for row in Journal.objects.filter(seq__gt=since)
        .exclude(kind__in=OF_SCREENS)
        .order_by("seq")
    ]
    return {
        "journal": journal,
        "calls": values(Call, "external_id", "contact__key", "operator__username", "note__body"),
        "incidents": values(
            Incident, "type__code", "area__code", "address__body", "chronology__body"
        ),
        "jobs": values(Assignment, "unit__call_sign", "incident__opened_at"),
        "times": values(AssignmentTime, "assignment__unit__call_sign"),
        "units": values(Unit, "call_sign"),
        "alarms": values(Alarm, "code"),
        "contacts": values(Contact, "number"),
        "shifts": values(Shift, "user__username"),
    }


def values(model: Any, *more: str) -> list[Any]:
    """All plain columns of a table; numbers of rows are named by what they lead to."""
    plain = [
        f.name
        for f in model._meta.fields
        if not f.primary_key and not f.is_relation and f.name not in ("subject", "case")
    ]
    return list(model.objects.order_by("pk").values_list(*plain, *more))


class Names:
    """`call:12` becomes `call:first`, whichever number the database gave."""

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def of(self, subject: str) -> str:
        noun = re.sub(r":\d+$", "", subject)
        return self._seen.setdefault(subject, f"{noun}:{len(self._seen)}" if subject else "")
