"""Public warnings as the live screens get them: what is in force for this city. Public words."""

from typing import Any

from sigap.core.queries import deployment
from sigap.warnings.models import Announcement, ReceivedWarning
from sigap.warnings.queries import in_force, own_in_force, practised, words_of

from .rows import Row, iso

# On the screens there is room for a line, not for a text.
MOST_WORDS = 160


def warning_rows() -> list[Row]:
    """All that are in force, those of others and the city's own; always sent whole."""
    served = deployment()
    drill = bool(served and served.drill)
    return [_received(w) for w in in_force()] + [_own(a, drill) for a in own_in_force()]


def _received(warning: ReceivedWarning) -> Row:
    said: dict[str, Any] = next(iter(words_of(warning)), {})
    return {
        "id": warning.pk * 2,  # even: received; odd: the city's own
        "href": f"/warnings/{warning.pk}",
        "event": str(said.get("event", ""))[:MOST_WORDS],
        "headline": str(said.get("headline", ""))[:MOST_WORDS],
        "by": str(said.get("sender_name") or warning.source.name)[:MOST_WORDS],
        "severity": warning.severity,
        "urgency": warning.urgency,
        "certainty": warning.certainty,
        "practice": warning.is_practice,
        "areas": warning.areas,
        "shape": warning.shape,
        "expires": iso(warning.expires),
    }


def _own(announcement: Announcement, drill: bool) -> Row:
    return {
        "id": announcement.pk * 2 + 1,
        "href": f"/warnings/own/{announcement.pk}",
        "event": practised(announcement, "event"),
        "headline": practised(announcement, "headline"),
        "by": "",
        "severity": announcement.severity,
        "urgency": announcement.urgency,
        "certainty": announcement.certainty,
        "practice": announcement.exercise or drill,
        "areas": announcement.touched,
        "shape": announcement.shape,
        "expires": iso(announcement.expires),
    }
