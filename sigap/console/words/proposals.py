"""What the journal and the screens say of the machine's proposals, in the language of whoever
reads it."""

from django.utils.translation import gettext as _


def proposal_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "proposal.opened": _("Proposal %(id)s made by the machine"),
        "proposal.accept": _("Proposal %(id)s accepted by %(agency)s"),
        "proposal.dismiss": _("Proposal %(id)s dismissed by %(agency)s"),
        "proposal.finish": _("Proposal %(id)s done by %(agency)s"),
        "proposal.pass_on": _("Proposal %(id)s passed on to %(agency)s"),
        "threshold.moved": _("Threshold of early warnings moved"),
        "threshold.calibrated": _("Threshold of early warnings made anew"),
    }


def kind_names() -> dict[str, str]:
    """What each kind of proposal is called."""
    return {
        "cluster": _("More than usual in one neighbourhood"),
        "rise": _("More than usual in the whole city"),
        "burst": _("Many at once in one neighbourhood"),
        "return": _("Comes back"),
    }


def scan_names() -> dict[str, str]:
    """What each scan looks for."""
    return {
        "days": _("Daily scan, 1 to 14 days"),
        "hours": _("Hourly scan, bursts"),
        "returns": _("What comes back"),
    }


def why_no_scan() -> dict[str, str]:
    """Why a scan could say nothing."""
    return {
        "surge": _("A surge is declared: what comes belongs to it, and no alarm is raised."),
        "short": _("Not enough data yet: too few days are recorded to know what is usual."),
    }
