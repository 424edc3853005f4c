"""The drill's city moves by itself, for hours, and after a restart."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from sigap.calls.models import Call
from sigap.complaints.lists import desk_counts
from sigap.complaints.models import Complaint
from sigap.core.actors import system
from sigap.core.models import Journal
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.packs.load import find_pack
from sigap.packs.read import read_pack
from sigap.packs.schema import Pack
from sim.complaints import COUNT, file_for_drill
from sim.inside import Inside
from sim.lines import MOST_INCIDENTS
from sim.live import Drill
from sim.people import hire_for_drill
from tests.conftest import START


@pytest.fixture
def pack(db: None) -> Pack:
    found = read_pack(find_pack("kediri"))
    hire_for_drill(found, "a secret of the tests", actor=system("setup"))
    return found


@pytest.fixture
def inside() -> Iterator[Inside]:
    token = SecretStr("a token for the tests")
    environment = settings.ENV.model_copy(update={"hook_token": token})
    with override_settings(ENV=environment), Inside() as world:
        yield world


def let_pass(drill: Drill, start: datetime, seconds: int, every: int) -> datetime:
    for passed in range(0, seconds, every):
        drill.tick(start + timedelta(seconds=passed))
    return start + timedelta(seconds=seconds)


def test_a_drill_begins_with_complaints_in_every_list_once(pack: Pack) -> None:
    for _ in range(2):
        file_for_drill(actor=system("setup"))
    assert Complaint.objects.count() == COUNT
    lists = desk_counts()
    assert all(lists[tab] for tab in ("new", "check", "agency")), lists


def test_within_half_a_minute_calls_ring_and_a_unit_moves(inside: Inside, pack: Pack) -> None:
    let_pass(Drill(inside, pack, random.Random(1)), START, 30, 2)
    assert Call.objects.filter(state="queued").exists()
    assert Assignment.objects.filter(state__in=("acknowledged", "en_route")).exists()


def test_a_drill_that_nobody_plays_goes_round_and_survives_a_restart(
    inside: Inside, pack: Pack
) -> None:
    now = let_pass(Drill(inside, pack, random.Random(2)), START, 600, 8)
    assert Unit.objects.filter(position_at__isnull=False).count() > 2  # noqa: PLR2004
    assert Incident.objects.filter(state="in_progress").exists()

    now = let_pass(Drill(inside, pack, random.Random(3)), now, 900, 8)
    assert Incident.objects.filter(state="closed").exists()
    assert Incident.objects.filter(state__in=ACTIVE).count() <= MOST_INCIDENTS
    waiting = Call.objects.filter(state__in=("presented", "queued", "wrap_up"))
    assert not waiting.filter(began_at__lt=now - timedelta(minutes=3)).exists()
    kinds = set(Journal.objects.values_list("kind", flat=True))
    assert {"assignment.complete", "call.screen", "call.reach"} <= kinds
