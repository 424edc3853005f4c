"""Whether the channels work: a silent failure is an alarm of its own."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor, Role
from sigap.core.parameters import value
from sigap.core.transaction import transaction

from ..models import Channel, Delivery

# A message that is due and that nobody has tried for so long: what sends them does not run.
STUCK = timedelta(seconds=60)


def note_channel(name: str, error: str, *, actor: Actor) -> None:
    """A channel has worked (no `error`), or has not, as the far end's answer says. Part of an
    action."""
    channel, _made = Channel.objects.get_or_create(name=name)
    now = clock.now()
    if not error:
        was_failing = channel.failing_since is not None
        channel.success_at, channel.failing_since = now, None
        channel.misses, channel.error = 0, ""
        channel.save()
        if was_failing:
            finish_alarm("channel_down", channel, actor=actor)
        return
    channel.failing_since = channel.failing_since or now
    channel.misses, channel.error = channel.misses + 1, error[:32]
    channel.save()
    if channel.misses >= value("alerts.misses"):
        _alarm(channel, actor)


def mind_channels(*, actor: Actor) -> int:
    """Alarm about channels whose messages are due and are not even tried. Returns how many."""
    late = clock.now() - STUCK
    stuck = Delivery.objects.filter(state="queued", due_at__lte=late)
    names = sorted(set(stuck.values_list("channel", flat=True)))
    standing = Channel.objects.filter(error="stuck")
    if not names and not standing.exists():
        return 0
    with transaction():
        for name in names:
            channel, _made = Channel.objects.get_or_create(name=name)
            if not channel.error:
                channel.error, channel.failing_since = "stuck", clock.now()
                channel.save()
            _alarm(channel, actor)
        for channel in standing.exclude(name__in=names):
            channel.error, channel.failing_since = "", None
            channel.save()
            finish_alarm("channel_down", channel, actor=actor)
        return len(names)


def _alarm(channel: Channel, actor: Actor) -> None:
    raise_alarm(
        "channel_down",
        channel,
        owner=Role.SUPERVISOR,
        urgency=2,
        actor=actor,
        channel=channel.name,
        reason=channel.error,
    )
