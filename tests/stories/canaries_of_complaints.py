"""Every action of complaints once, with canaries wherever somebody could type."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from PIL import Image

from sigap.complaints import actions as complaints
from sigap.complaints.files import checked
from sigap.complaints.models import Complaint, Referral
from sigap.core import clock
from sigap.core.actions import accounts, personal
from sigap.core.actors import Actor, of_user, system
from sigap.core.models import User
from sigap.core.transaction import transaction
from sigap.incidents.actions import open_incident

from .canaries import ADDRESS, NUMBER, PLACE, SECRET, WORD, WORDS, tried

WEB, TIMER = system("web"), system("timer")
DAY = 86_400
LAMP = f"Lampu jalan mati di depan rumah {WORDS}, hubungi {NUMBER}"


class People:
    """Who handles complaints on that day."""

    def __init__(self, person: Callable[[str], User]) -> None:
        self.desk, self.boss, self.admin = (
            of_user(person(role)) for role in ("call_taker", "supervisor", "administrator")
        )
        made: dict[str, Any] = {"name": WORDS, "password": SECRET, "agency": "dishub"}
        made["actor"] = self.admin
        self.officer, self.head = (
            of_user(accounts.create_user(f"{WORD}.{role}", roles=[role], **made))
            for role in ("agency", "agency_head")
        )


def a_day_of_complaints(time: clock.Frozen, people: People) -> None:
    """All that citizens on the web, the desk, the agencies and the clock do about complaints."""
    reports_that_are_filed(people)
    answered_and_contested(people, time)
    the_other_ways_of_a_report(people)
    alike_or_not(people)
    deadlines_that_pass(people, time)
    complaints.learn_sorting(reports=[(WORDS, WORD, clock.now())], actor=people.admin)


def photo() -> bytes:
    """A small picture."""
    data = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(data, "PNG")
    return data.getvalue()


# --- reports ---------------------------------------------------------------------------


def filed(channel: str = "web", actor: Actor = WEB, **more: Any) -> Complaint:
    """A report with everything that can be told."""
    told: dict[str, Any] = {"body": LAMP, "category": "pju", "address": WORDS, "asset": WORD}
    told |= {"name": WORDS, "number": NUMBER, "origin": WORD, "location_source": "pin", **PLACE}
    return complaints.file_complaint(channel=channel, actor=actor, **(told | more))


def sent(people: People, **more: Any) -> tuple[Complaint, Referral]:
    """One that the agency has."""
    complaint = complaints.dispose_complaint(filed(**more).pk, ["dishub"], actor=people.desk)
    return complaint, Referral.objects.get(complaint=complaint)


def reports_that_are_filed(people: People) -> None:
    """From everywhere, and right or wrong."""
    for wrong in (WORD, WORDS):
        tried(filed, wrong)
        tried(filed, category=wrong)
        tried(filed, area=wrong, lat=None, lng=None)
        tried(filed, location_source=wrong)
        tried(filed, guessed_by=wrong, guesses=[(wrong, 0.5)])
        tried(filed, landmark_id=wrong)
    tried(filed, body=WORDS * 5000)
    filed("open311", external_id=WORD)
    filed("open311", external_id=WORD)
    filed(body=f"Tolong ada kebakaran, {WORDS}")
    complaint = filed("desk", people.desk, category="", secret=True)
    for wrong in (WORD, WORDS):
        more = {"actor": people.desk}
        tried(complaints.sort_complaint, complaint.pk, category=wrong, **more)
        sort = {"category": "pju", "complaint_class": wrong}
        tried(complaints.sort_complaint, complaint.pk, **sort, **more)
        tried(complaints.dispose_complaint, complaint.pk, [wrong], **more)
        tried(complaints.archive_complaint, complaint.pk, reason=wrong, **more)
        tried(complaints.hold_complaint, complaint.pk, reason=wrong, question=WORDS, **more)
    complaints.sort_complaint(complaint.pk, category="pju", actor=people.desk)
    tried(complaints.place_complaint, complaint.pk, area=WORD, actor=people.desk)
    complaints.place_complaint(complaint.pk, address=WORDS, asset=WORD[:32], actor=people.desk)
    tried(complaints.release_text, complaint.pk, WORDS, actor=people.desk)
    complaints.protect_complaint(complaint.pk, anonymous=True, actor=people.desk)
    with transaction():
        personal.keep_all(f"complaint:{complaint.pk}", note=WORDS, words=LAMP, actor=WEB)


def answered_and_contested(people: People, time: clock.Frozen) -> None:
    """The whole way, with words at each step of it."""
    complaint, referral = sent(people, anonymous=True)
    pk, desk, officer = complaint.pk, {"actor": people.desk}, {"actor": people.officer}
    file = checked(photo())
    complaints.attach_file(pk, file, complaints.store(file), actor=WEB)
    for wrong in (WORD, WORDS):
        tried(complaints.attach_file, pk, file, wrong, actor=WEB, role=wrong)
        tried(complaints.refuse_referral, referral.pk, reason=wrong, note=wrong, **officer)
    complaints.attach_file(pk, file, WORD, role="before", **officer)
    complaints.add_note(pk, WORDS, **desk)
    complaints.add_words(pk, WORDS, actor=WEB)
    complaints.tell_citizen(pk, WORDS, **desk)
    complaints.release_text(pk, WORDS, **desk)
    for key in (WORD, f"{NUMBER}@{ADDRESS}"):
        complaints.add_supporter(pk, key, actor=WEB)
    complaints.hold_complaint(pk, reason="details", question=WORDS, **desk)
    time.forward(20 * DAY)
    complaints.ask_citizens_again(actor=TIMER)
    complaints.answer_question(pk, WORDS, actor=WEB)
    complaints.accept_referral(referral.pk, **officer)
    complaints.plan_referral(referral.pk, plan=WORDS, planned_for=date(2028, 1, 3), **officer)
    complaints.report_progress(referral.pk, note=WORDS, **officer)
    complaints.answer_referral(referral.pk, answer=WORDS, **officer)
    complaints.refuse_answer(pk, note=WORDS, **desk)
    complaints.answer_referral(referral.pk, answer=WORDS, **officer)
    complaints.approve_answer(pk, **desk)
    complaints.contest_complaint(pk, why=WORDS, actor=WEB)
    complaints.answer_referral(referral.pk, answer=WORDS, **officer)
    complaints.approve_answer(pk, **desk)
    for wrong in (WORD, WORDS):
        tried(complaints.confirm_complaint, pk, score=wrong, actor=WEB)
    complaints.confirm_complaint(pk, actor=WEB)
    tried(complaints.rate_complaint, pk, score=WORDS, actor=WEB)
    complaints.rate_complaint(pk, score=2, actor=WEB)


def the_other_ways_of_a_report(people: People) -> None:
    """Refused, called back, put away, an emergency after all."""
    desk = {"actor": people.desk}
    complaint, referral = sent(people)
    complaints.refuse_referral(referral.pk, reason="other_agency", note=WORDS, actor=people.officer)
    complaints.dispose_complaint(complaint.pk, ["dishub"], **desk)
    complaints.recall_referral(complaint.referrals.latest("id").pk, **desk)
    complaints.hold_complaint(complaint.pk, reason="place", question=WORDS, **desk)
    complaints.resume_complaint(complaint.pk, **desk)
    complaints.archive_complaint(complaint.pk, reason="withdrawn", **desk)
    complaints.restore_complaint(complaint.pk, **desk)
    for wrong in (WORD, WORDS):
        tried(complaints.promote_complaint, complaint.pk, type_code=wrong, **desk)
        answers = {"type_code": "kecelakaan_lalin", "answers": {wrong: wrong}}
        tried(complaints.promote_complaint, complaint.pk, **answers, **desk)
    complaints.promote_complaint(complaint.pk, type_code="kecelakaan_lalin", **desk)
    complaints.demote_complaint(complaint.pk, **desk)


def alike_or_not(people: People) -> None:
    """Several report the same, or one of them twice."""
    desk = {"actor": people.desk}
    one, two, three = (filed(number=f"0812987654{n}2") for n in "345")
    complaints.attach_complaint(three.pk, two.pk, **desk)
    complaints.attach_complaint(two.pk, one.pk, **desk)
    complaints.detach_complaint(three.pk, **desk)
    complaints.keep_apart(three.pk, one.pk, **desk)
    incident = open_incident("kecelakaan_lalin", **PLACE, **desk)
    complaints.attach_to_incident(three.pk, incident.pk, **desk)
    assert complaints.attach_repeats(actor=TIMER) > 0


def deadlines_that_pass(people: People, time: clock.Frozen) -> None:
    """An agency that does nothing, and a citizen who says nothing."""
    silent, answer = sent(people)
    complaints.answer_referral(answer.pk, answer=WORDS, actor=people.officer)
    complaints.approve_answer(silent.pk, actor=people.desk)
    _complaint, late = sent(people)
    officer = {"officer_id": people.officer.user_id or 0, "actor": people.head}
    complaints.assign_officer(late.pk, **officer)
    time.forward(30 * DAY)
    complaints.mind_deadlines(actor=TIMER)
    complaints.see_escalated(late.pk, note=WORDS, actor=people.head)
