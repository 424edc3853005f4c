"""Every action of public warnings once, with canaries wherever somebody could write."""

from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.gateways.cap.parse import parse
from sigap.warnings import actions as warnings
from sigap.warnings.actions.issuing import Writing
from sigap.warnings.actions.sources import Asked
from sigap.warnings.matching import touched_by
from sigap.warnings.models import ReceivedWarning, WarningSource
from sim.caps import alert

from .canaries import PLACE, SETUP, WORD, WORDS, tried

SEVERE = {"severity": "Extreme", "urgency": "Immediate", "certainty": "Observed"}


def a_day_of_warnings(time: clock.Frozen, admin: Actor, boss: Actor, other: Actor) -> None:
    """Warnings come from somebody who may write anything; the city issues its own."""
    source = warnings.define_source(
        WarningSource,
        key={"url": f"https://{WORD}.example/rss"},
        name=WORDS,
        hosts=[WORD],
        actor=admin,
    )
    what_others_send(source)
    what_the_city_says(time, boss, other)
    time.forward(86_400)
    warnings.expire_warnings(actor=SETUP)
    warnings.end_announcements(actor=SETUP)
    warnings.note_poll(source, Asked("timeout"), actor=SETUP)
    warnings.alarm_sources(actor=SETUP)


def what_others_send(source: WarningSource) -> None:
    """A warning with words and codes of their own, other words under its name, and its end."""
    first = {"identifier": WORD, "sender": WORD, "status": "Actual"}
    said = {"event": WORDS, "headline": WORDS, "description": WORDS, "senderName": WORDS}
    received(source, **first, **said)
    received(source, **first, event=WORD)
    odd = {"status": WORD, "severity": WORD, "category": WORD, "scope": WORD, "msgType": WORD}
    received(source, identifier=f"{WORD}-2", **odd)
    warnings.refuse_warning(source, "not_xml", url=WORDS, digest=WORD, actor=SETUP)
    url = f"https://{WORD}.example/1"
    warnings.note_files(source, [url], {url: Asked("", WORD, WORD)}, actor=SETUP)
    warnings.note_poll(source, Asked("", WORD, WORD), actor=SETUP)
    assert ReceivedWarning.objects.filter(source=source).count() == 2


def received(source: WarningSource, **more: Any) -> None:
    """One message comes."""
    message = parse(alert(clock.now() - timedelta(seconds=1), **more).encode())
    warnings.receive_warning(
        source, message, touched_by(message), url=WORDS, document=WORDS, actor=SETUP
    )


def what_the_city_says(time: clock.Frozen, boss: Actor, other: Actor) -> None:
    """A warning, its update, its cancellation, and one that comes to nothing."""
    circle = {"lat": PLACE["lat"], "lng": PLACE["lng"], "radius_km": 1}
    words = {"event": WORDS, "headline": WORDS, "description": WORDS, "instruction": WORDS}
    writing = Writing(category="Met", hours=3, **SEVERE, **words, **circle)
    for wrong in (WORD, WORDS):
        bad = Writing(category=wrong, hours=3, **SEVERE, **words, areas=[wrong])
        tried(warnings.draft_announcement, bad, actor=boss)
    first = warnings.draft_announcement(writing, actor=boss)
    warnings.edit_announcement(first.pk, writing, actor=boss)
    warnings.propose_announcement(first.pk, actor=boss)
    warnings.send_back_announcement(first.pk, actor=other)
    warnings.propose_announcement(first.pk, actor=boss)
    warnings.issue_announcement(first.pk, actor=other)
    time.forward(60)
    second = warnings.update_announcement(first.pk, writing, actor=boss)
    warnings.propose_announcement(second.pk, actor=boss)
    warnings.issue_announcement(second.pk, actor=other)
    third = warnings.cancel_announcement(second.pk, why=WORDS, actor=other)
    warnings.propose_announcement(third.pk, actor=other)
    warnings.issue_announcement(third.pk, actor=boss)
    warnings.drop_announcement(warnings.draft_announcement(writing, actor=boss).pk, actor=boss)
