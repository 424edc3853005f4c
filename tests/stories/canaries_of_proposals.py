"""Every action of proposals once, with canaries wherever somebody could write."""

from sigap.config.insights import seek_bursts, seek_returns, seek_trends
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.proposals import actions as proposals
from sigap.proposals.found import Calibrated, Finding
from sigap.proposals.models import Proposal

from .canaries import SETUP, WORD, WORDS, tried


def what_the_machine_proposes(time: clock.Frozen, boss: Actor) -> None:
    """It looks at all that was told before; what it proposes is answered in words."""
    for seek in (seek_trends, seek_bursts, seek_returns):
        seek(SETUP)
    accepted, dismissed = proposed("category:pju"), proposed("category:pohon")
    proposals.accept_proposal(accepted.pk, note=WORDS, actor=boss)
    proposals.pass_proposal_on(accepted.pk, "damkar", actor=boss)
    proposals.accept_proposal(accepted.pk, note=WORDS, actor=boss)
    proposals.finish_proposal(accepted.pk, clock.now().date(), note=WORDS, actor=boss)
    tried(proposals.dismiss_proposal, dismissed.pk, WORD, note=WORDS, actor=boss)
    tried(proposals.pass_proposal_on, dismissed.pk, WORD, actor=boss)
    proposals.dismiss_proposal(dismissed.pk, "noise", note=WORDS, actor=boss)
    time.forward(86_400)
    proposals.erase_old_notes(actor=SETUP)


def proposed(stream: str) -> Proposal:
    """A scan has found something."""
    now = clock.now()
    found = Finding("cluster", stream, "dishub", [], ["complaint:1"], now, now, 5, 0.5, 90.0)
    made = Calibrated(stream, {}, cases=5, days=90)
    kind = "days" if stream == "category:pju" else "hours"
    (row,) = proposals.note_scan(kind, now, [found], calibrated=[made], actor=SETUP)
    return row
