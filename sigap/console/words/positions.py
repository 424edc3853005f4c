"""What the journal and the screens say of devices and of what they tell, in the language of
whoever reads it."""

from django.utils.translation import gettext as _


def position_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "device.made": _("A device of %(unit)s was set up"),
        "device.renewed": _("A device of %(unit)s has another token"),
        "device.revoked": _("A device of %(unit)s is listened to no more"),
        "assignment.seen_near": _("%(unit)s is seen near the incident (%(metres)s m)"),
        "assignment.seen_leaving": _("%(unit)s is seen on its way (%(metres)s m)"),
    }


def device_kinds() -> dict[str, str]:
    """What tells where a unit is."""
    return {
        "owntracks": "OwnTracks",
        "traccar": "Traccar",
        "json": _("Other program (JSON)"),
        "phone": _("Telephone of the crew"),
    }


def fault_names() -> dict[str, str]:
    """What was wrong with the last thing that a device told."""
    return {
        "coarse": _("not exact"),
        "late": _("older than what is known"),
        "jump": _("a jump: waits for a second one"),
        "repeat": _("sent again"),
        "future": _("time lies in the future"),
        "expired": _("time lies too far back"),
        "zero": _("0,0: no fix"),
        "no_fix": _("no fix"),
        "outside": _("far from the city"),
        "point": _("not on the map"),
        "unreadable": _("not readable"),
        "encrypted": _("encrypted: cannot be read"),
    }
