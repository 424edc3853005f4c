"""What the journal and the screens say of neighbouring centres, in the reader's language."""

from django.utils.translation import gettext as _

TELL_THEIR_REASON = frozenset({"handover.decline", "aid.asked", "aid.decline"})


def part_names() -> dict[str, str]:
    """What may be told to another centre."""
    return {
        "state": _("kind, priority and state"),
        "place": _("point on the map"),
        "units": _("units and what they do"),
        "positions": _("where the units are"),
        "address": _("address as typed"),
        "words": _("what happened, in words"),
        "number": _("number of the caller"),
        "notes": _("notes"),
    }


def fault_names() -> dict[str, str]:
    """Why something did not reach another centre."""
    return {
        "no_address": _("no address is entered"),
        "no_secret": _("no secret is entered"),
        "no_connection": _("no connection"),
        "no_answer": _("no answer in time"),
        "unreadable": _("the answer cannot be read"),
        "erased": _("erased meanwhile"),
        "http_401": _("it does not accept our secret"),
        "http_404": _("nothing is there, or not for us any more"),
    }


def end_names() -> dict[str, str]:
    """Who ended a share."""
    return {"here": _("by us"), "there": _("by the other centre"), "time": _("its time was over")}


def neighbour_alarms() -> dict[str, str]:
    """What each alarm says."""
    return {
        "handover_in": _("A neighbouring centre hands a call over to us"),
        "handover_unanswered": _("A call handed over was not accepted in time"),
        "handover_declined": _("A neighbouring centre declines a call: it is ours again"),
        "aid_in": _("A neighbouring centre asks for units"),
        "aid_unanswered": _("A request for units was not answered in time"),
        "loan_over": _("A lent unit is past its time: is it back?"),
        "share_proposed": _("Sharing with a neighbouring centre waits for a second person"),
        "share_in": _("A neighbouring centre offers a record to read"),
    }


def neighbour_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about neighbours."""
    return {
        "handover.offered": _("Offered to %(centre)s"),
        "handover.received": _("Handed over to us by %(centre)s"),
        "handover.delivered": _("Arrived at %(centre)s"),
        "handover.updated": _("%(centre)s tells news"),
        "handover.accept": _("Hand-over with %(centre)s accepted"),
        "handover.decline": _("Hand-over with %(centre)s declined"),
        "handover.withdraw": _("Hand-over with %(centre)s taken back"),
        "aid.asked": _("Units asked of %(centre)s: %(count)s × %(capability)s"),
        "aid.received": _("%(centre)s asks for units: %(count)s × %(capability)s"),
        "aid.delivered": _("Request has arrived at %(centre)s"),
        "aid.accept": _("Request between us and %(centre)s accepted"),
        "aid.decline": _("Request between us and %(centre)s declined"),
        "aid.withdraw": _("Request between us and %(centre)s taken back"),
        "aid.end": _("All units lent between us and %(centre)s are back"),
        "loan.lent": _("%(unit)s lent (with %(centre)s)"),
        "loan.told_back": _("%(centre)s needs %(unit)s no more"),
        "loan.give_back": _("%(unit)s given back (with %(centre)s)"),
        "share.proposed": _("Sharing with %(centre)s proposed"),
        "share.approve": _("Sharing with %(centre)s approved"),
        "share.received": _("%(centre)s offers a record to read"),
        "share.delivered": _("Offer to read has arrived at %(centre)s"),
        "share.accept": _("Sharing with %(centre)s accepted"),
        "share.decline": _("Sharing with %(centre)s declined"),
        "share.end": _("Sharing with %(centre)s ended"),
        "share.read": _("%(centre)s has read the record"),
        "share.fetched": _("Record of %(centre)s fetched"),
        "link.made": _("Link for %(centre)s made"),
        "link.opened": _("Link of %(centre)s opened"),
        "link.refused": _("Link of %(centre)s: wrong code"),
        "link.revoked": _("Link of %(centre)s closed"),
    }
