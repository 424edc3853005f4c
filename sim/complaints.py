"""What lies on the desks for complaints when a drill begins. Nobody reported any of it."""

import random
from datetime import timedelta

from sigap.complaints import actions
from sigap.complaints.models import Complaint
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.transaction import transaction
from sigap.places.models import Area

from .reports import reports

COUNT, SEED = 30, 112
CHANNELS = ("whatsapp", "web", "whatsapp", "open311")
TRAINEE = "psc119"  # the agency of the person whom a trainee may be
ANSWER = "Sudah kami tangani di lokasi. Terima kasih atas laporannya. (simulasi)"


def file_for_drill(*, actor: Actor) -> None:
    """Reports in every state that a trainee may meet. Safe to repeat: only a drill without any
    gets them."""
    if Complaint.objects.exists():
        return
    chance, areas = random.Random(SEED), list(Area.objects.order_by("code"))
    for n, report in enumerate(reports(COUNT, SEED, clock.now() - timedelta(days=7), weeks=1)):
        with transaction():
            complaint = actions.file_complaint(
                channel=CHANNELS[n % len(CHANNELS)],
                body=f"{report.text} (simulasi)",
                area=chance.choice(areas).code,
                number=f"0812555{n:05}",
                anonymous=n % 7 == 0,
                secret=n % 11 == 0,
                actor=actor,
            )
            if n % 4 == 1 and not complaint.secret:
                actions.release_text(complaint.pk, f"{report.text} (simulasi)", actor=actor)
            if complaint.category is not None and n % 3:
                _carry_on(complaint, n, actor)


def _carry_on(complaint: Complaint, n: int, actor: Actor) -> None:
    """Send it to its agency, which may have planned or answered already."""
    assert complaint.category is not None
    agencies = [complaint.category.agency.code, *([TRAINEE] if n % 2 else [])]
    actions.dispose_complaint(complaint.pk, agencies, actor=actor)
    referral = complaint.referrals.earliest("id")
    if n % 4 == 0:
        actions.answer_referral(referral.pk, answer=ANSWER, actor=actor)
    elif n % 2 == 0:
        day = clock.now().date() + timedelta(days=2)
        plan = "Regu berangkat (simulasi)"
        actions.plan_referral(referral.pk, plan=plan, planned_for=day, actor=actor)
