"""A machine's clock that is set back: nothing is closed, lost or locked because of it."""

from collections.abc import Callable

from sigap.calls.actions import close_call, hold_call, take_call
from sigap.calls.models import Call
from sigap.complaints import learning
from sigap.config.worker import JOBS, TIMER, Aside
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import verify
from sigap.core.models import Alarm, Journal
from sigap.insight.demand import outlook

Make = Callable[..., Call]
Who = Callable[[str], Actor]
TWO_HOURS = 7200
PROCESSES = {"sorting": learning.is_due, "demand": outlook.is_due}  # of their own, where due


def test_nothing_is_closed_and_a_call_that_rings_since_nobody_knows_when_is_alarmed(
    ring: Make, answered: Make, time: clock.Frozen
) -> None:
    ring(None)
    answered("081200000001")
    before = list(Call.objects.order_by("id").values_list("state", flat=True))
    time.forward(-TWO_HOURS)
    for job in JOBS:
        if job.name in PROCESSES:
            PROCESSES[job.name]()
            continue
        # Those that go on beside the others too, in this thread: it sees what the story has done,
        # and what it does is undone with it.
        run = job.run._go if isinstance(job.run, Aside) else job.run
        run(TIMER)
    assert list(Call.objects.order_by("id").values_list("state", flat=True)) == before
    # That nobody has looked at the vehicles of this city yet is so by any clock.
    told = Alarm.objects.exclude(code="checks_late").values_list("code", flat=True)
    assert list(told) == ["ringing"]


def test_work_goes_on_and_the_record_never_runs_backwards(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    call = answered()
    time.forward(-TWO_HOURS)
    hold_call(call.pk, actor=actor("call_taker"))
    close_call(call.pk, "silent", actor=actor("call_taker"))
    times = list(Journal.objects.order_by("seq").values_list("at", flat=True))
    assert times == sorted(times)
    assert verify().broken_seq is None


def test_a_claim_from_the_future_can_be_taken_over(
    answered: Make, actor: Who, time: clock.Frozen
) -> None:
    call = answered()
    time.forward(-TWO_HOURS)
    taken = take_call(call.pk, actor=actor("supervisor"), reason="no_response")
    assert taken.operator_id == actor("supervisor").user_id
