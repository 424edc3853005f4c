"""What the journal and the screens say of complaints, in the language of whoever reads it."""

from django.utils.translation import gettext as _

TELL_THEIR_REASON = frozenset({"complaint.hold", "complaint.archive", "referral.refuse"})


def likeness_names() -> dict[str, str]:
    """What speaks for or against two reports being about the same."""
    return {
        "text": _("words"),
        "asset": _("lamp or asset number"),
        "distance": _("distance"),
        "landmark": _("landmark"),
        "area": _("kelurahan"),
        "time": _("time"),
        "category": _("category"),
        "person": _("the same person"),
    }


def complaint_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about complaints."""
    return {
        "complaint.filed": _("Complaint received"),
        "complaint.sorted": _("Category: %(category)s"),
        "deadlines.moved": _("The city's working days changed: %(count)s deadlines moved"),
        "complaint.placed": _("The desk says where it is"),
        "complaint.file": _("A file was sent along"),
        "complaint.note": _("Note"),
        "complaint.words": _("The citizen adds"),
        "complaint.reply": _("The citizen is told"),
        "complaint.release": _("Words for the public list"),
        "complaint.protected": _("Anonymous or confidential, as the citizen wishes"),
        "complaint.supported": _("Somebody else reports the same"),
        "complaint.dispose": _("Sent to agencies"),
        "complaint.start": _("An agency has begun"),
        "complaint.answer": _("All agencies have answered"),
        "complaint.take_back": _("No agency has it any more"),
        "complaint.hold": _("Waits for the citizen"),
        "complaint.ask_again": _("The citizen is asked again"),
        "complaint.resume": _("Goes on"),
        "complaint.go_on": _("Goes on"),
        "complaint.archive": _("Archived"),
        "complaint.restore": _("Brought back from the archive"),
        "complaint.attach": _("Attached to another complaint"),
        "complaint.detach": _("Stands on its own again"),
        "complaint.moved": _("Attached to complaint %(other)s"),
        "complaint.apart": _("Not about the same as complaint %(other)s"),
        "model.learned": _("A model was trained on the city's own reports"),
        "complaint.promote": _("Became incident %(other)s"),
        "complaint.demote": _("Is a complaint again"),
        "complaint.approve": _("Answer checked: the citizen is told"),
        "complaint.refuse": _("Answer sent back"),
        "complaint.confirm": _("The citizen says that it is solved (score: %(score)s)"),
        "complaint.rated": _("The citizen gives a score: %(score)s"),
        "complaint.expire": _("Closed without a reply of the citizen"),
        "complaint.contest": _("The citizen says that it is not solved"),
        "referral.sent": _("Sent to %(agency)s"),
        "referral.accept": _("Agency accepts"),
        "referral.plan": _("Agency plans"),
        "referral.progress": _("Agency reports progress"),
        "referral.answer": _("Agency answers"),
        "referral.approve": _("Agency's answer accepted"),
        "referral.return": _("Back at the agency"),
        "referral.refuse": _("Agency says that it is not theirs"),
        "referral.recall": _("Called back from the agency"),
        "referral.reminded": _("%(agency)s reminded"),
        "referral.escalated": _("Late: put before the head of %(agency)s"),
        "referral.seen": _("Head of the agency has seen it"),
        "referral.assigned": _("Looked after by %(officer)s"),
    }
