"""What the journal says of roads, in the language of whoever reads it."""

from django.utils.translation import gettext as _

TELL_THEIR_REASON = frozenset({"closure.closed"})


def place_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "closure.closed": _("Road closed"),
        "closure.prolonged": _("Road closed for longer"),
        "closure.lifted": _("Road open again"),
        "roads.imported": _("Roads of the city imported"),
        "roads.measured": _("Driving speeds follow the city's own trips"),
    }
