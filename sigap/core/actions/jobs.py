"""When the worker's jobs last ran. A sign of life, not history: not journalled."""

from .. import clock
from ..models import JobRun
from ..transaction import transaction


def job_ended(name: str, *, every_s: float, done: int, error: str = "") -> None:
    """Note the end of a job's run, and its fault if it had one."""
    with transaction():
        run, _made = JobRun.objects.get_or_create(name=name, defaults={"every_s": every_s})
        run.every_s, run.ended_at = every_s, clock.now()
        run.done, run.error = run.done + done, error[:200]
        run.save()
