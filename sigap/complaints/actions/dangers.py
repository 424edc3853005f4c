"""Words of danger in what a citizen writes: somebody at the desk is told at once."""

from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor
from sigap.core.journal import subject_of
from sigap.core.machine import change

from ..models import Complaint
from ..sorting import danger

ALARM = "danger"


def speaks_of_danger(text: str, actor: Actor) -> bool:
    """Whether a citizen's words, not those of a colleague who has judged them, tell of danger now.
    They were told to call 112, but not everybody does."""
    alarm = danger().read(text) if actor.user_id is None else None
    return alarm is not None and alarm.level == "now"


def tell_of_danger(complaint: Complaint, *, actor: Actor) -> None:
    """Part of an action: mark the complaint, and alarm the call taker until a person sends it on,
    puts it away or makes it an incident."""
    if not complaint.danger:
        change(complaint, danger=True)
    subject = subject_of(complaint)
    raise_alarm(ALARM, complaint, owner="call_taker", urgency=1, case=subject, actor=actor)


def danger_was_seen(complaint: Complaint, *, actor: Actor) -> None:
    """Part of an action: a person has decided about it. No automatic step ends the alarm."""
    if complaint.danger and actor.user_id is not None:
        finish_alarm(ALARM, complaint, actor=actor)
