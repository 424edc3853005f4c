"""What the worker minds: answers that do not come, loans past their end, shares that are over."""

from sigap.core import clock
from sigap.core.actions.alarms import keep_alarms
from sigap.core.actors import Actor, Role
from sigap.core.models import Alarm

from ..models import Aid, Handover, Loan
from .handovers import tell_states
from .shares import end_shares


def mind_neighbours(*, actor: Actor) -> int:
    """Raise the alarms that are due, and tell the centres what is new. Returns how many."""
    now = clock.now()
    late = Handover.objects.filter(ours=True, state="offered", answer_due_at__lte=now)
    silent = Aid.objects.filter(ours=True, state="asked", answer_due_at__lte=now)
    over = Loan.objects.filter(state="lent", until__lte=now)
    done = 0
    for code, causes, owner, urgency in (
        ("handover_unanswered", list(late), Role.SUPERVISOR, 1),
        ("aid_unanswered", list(silent), Role.SUPERVISOR, 2),
        ("loan_over", list(over), Role.DISPATCHER, 2),
    ):
        if causes or Alarm.objects.filter(code=code).exclude(state="done").exists():
            done += keep_alarms(code, causes, owner=owner, urgency=urgency, actor=actor)
    return done + end_shares(actor=actor) + tell_states(actor=actor)
