"""Every action between neighbouring centres once, with canaries wherever somebody could type, or
another centre could send words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions import accounts
from sigap.core.actors import Actor, of_user, system
from sigap.core.models import User
from sigap.fleet.models import Unit
from sigap.gateways.eido.compose import compose
from sigap.incidents.actions import cancel_incident, open_incident
from sigap.neighbours import actions
from sigap.neighbours.models import Aid, Centre, Handover, Link, Loan, Parcel, Share
from sigap.neighbours.record import PARTS, NoteTold, Record, UnitTold

from .canaries import NUMBER, PLACE, SECRET, WORD, WORDS, tried
from .neighbouring import SECRETS, agreed, arrives

TIMER = system("timer")
TOLD = Record(
    number=WORD,
    sender=WORD,
    type_codes=[WORD],
    type_text=WORDS,
    status=WORDS,
    outcome=WORDS,
    address=WORDS,
    caller=NUMBER,
    what=WORDS,
    units=[UnitTold(name=WORDS, kind=WORDS, status=WORDS, **PLACE)],
    notes=[NoteTold(text=WORDS)],
    **PLACE,
)


def a_day_of_neighbours(time: clock.Frozen, person: Callable[[str], User]) -> None:
    """Both directions of everything."""
    boss, sender, admin = (
        of_user(person(role)) for role in ("supervisor", "dispatcher", "administrator")
    )
    centre = agreed(known_as="kota")
    for name in SECRETS:
        tried(actions.define_centre, Centre, key={"code": "x"}, actor=admin, **{name: "kenari"})
    actions.define_centre(
        Centre,
        key={"code": "other"},
        actor=admin,
        name=WORDS,
        name_en=WORDS,
        area=WORDS,
        secret_in=SECRET + "1",
    )
    calls_handed_over(centre, sender)
    calls_taken_over(centre, sender)
    units_asked_for(centre, sender)
    units_lent(centre, boss)
    records_shared(centre, person, boss, sender)
    for parcel in Parcel.objects.filter(due_at__isnull=False):
        actions.note_parcel(parcel.pk, error="no_answer", actor=TIMER)
        actions.note_parcel(parcel.pk, actor=TIMER)
    time.forward(3600 * 80)
    actions.mind_neighbours(actor=TIMER)


def a_free_unit() -> Unit:
    """One that has never had anything to do."""
    idle = Unit.objects.filter(assignments=None, state="available", active=True, loans=None)
    return idle.order_by("id")[0]


def an_incident(actor: Actor) -> int:
    return open_incident("kecelakaan_lalin", address=WORDS, reporter=WORDS, actor=actor).pk


def calls_handed_over(centre: Centre, sender: Actor) -> None:
    """Ours to them: answered by them, by telephone, and taken back; and read by link."""
    rows = []
    for _n in range(3):
        rows.append(
            actions.hand_over(
                TOLD, centre.code, list(PARTS), incident_id=an_incident(sender), actor=sender
            )
        )
    for wrong in (WORD, WORDS):
        tried(actions.hand_over, TOLD, wrong, [wrong], incident_id=1, actor=sender)
        more: dict[str, Any] = {"by": WORDS, "number": WORDS, "actor": sender}
        tried(actions.note_answer, rows[0].pk, accepted=False, reason=wrong, **more)
    actions.note_answer(rows[0].pk, accepted=True, by=WORDS, number=WORDS, actor=sender)
    said = {"note": "handover_answer", "reference": rows[1].reference, "by": WORDS}
    for answer in ("declined", WORD):
        arrives(said | {"answer": answer, "reason": WORDS, "number": NUMBER, "more": WORDS})
    actions.withdraw_handover(rows[2].pk, actor=sender)
    arrives(compose(TOLD.model_copy(update={"id": rows[0].reference})))
    link = actions.make_link(rows[0], actor=sender)
    from sigap.neighbours.seal import link_token

    token = link_token(link.pk, link.nonce)
    for code in (WORD, SECRETS["access_code"]):
        tried(actions.open_link, token, code, actor=system("link"))
    actions.open_link(token, SECRETS["access_code"], actor=system("link"))
    tried(actions.open_link, WORD, WORD, actor=system("link"))
    actions.revoke_link(link.pk, actor=sender)
    assert Link.objects.exists()


def calls_taken_over(centre: Centre, sender: Actor) -> None:
    """Theirs to us: accepted, declined, taken back; and what nobody can read."""
    for name in ("1", "2", "3"):
        arrives(compose(TOLD.model_copy(update={"id": f"{WORD}:{name}"})))
    first, second, third = Handover.objects.filter(ours=False).order_by("id")
    actions.accept_handover(first.pk, type_code="kecelakaan_lalin", actor=sender)
    first.refresh_from_db()
    cancel_incident(first.incident_id or 0, reason="other", actor=sender)
    actions.tell_states(actor=TIMER)
    for why in (WORD, WORDS):
        tried(actions.decline_handover, second.pk, reason=why, actor=sender)
    actions.decline_handover(second.pk, reason="other", actor=sender)
    arrives({"note": "withdrawn", "what": "handover", "reference": third.reference})
    for broken in (WORDS.encode(), b'{"note":"kenari"}', b'{"incidentComponent":{"a":"kenari"}}'):
        arrives(broken)
    arrives({"note": "withdrawn", "what": "handover", "reference": WORD})
    tried(actions.heard_of, centre, actor=TIMER)


def units_asked_for(centre: Centre, sender: Actor) -> None:
    """We ask: they say yes by their system, or on the telephone; we take one back."""
    able = str(a_free_unit().capabilities[0])
    wish: dict[str, Any] = {"capability": able, "count": 1, "hours": 2, "reason": "other"}
    wish |= {"place": WORDS, "words": WORDS, "actor": sender}
    rows = [actions.ask_aid(centre.code, **wish) for _n in range(4)]
    for wrong in (WORD, WORDS):
        tried(actions.ask_aid, centre.code, **(wish | {"reason": wrong}))
        tried(actions.ask_aid, centre.code, **(wish | {"capability": wrong}))
        tried(actions.note_aid, rows[0].pk, accepted=False, by=WORDS, reason=wrong, actor=sender)
    said = {"note": "aid_answer", "by": WORDS, "reason": WORDS}
    comes = {"sign": "A-1", "kind": WORDS, "capabilities": [able, WORDS]}
    arrives(said | {"reference": rows[0].reference, "answer": "accepted", "units": [comes]})
    arrives(said | {"reference": rows[1].reference, "answer": "declined"})
    actions.note_aid(rows[2].pk, accepted=True, by=WORDS, signs=["A-2"], actor=sender)
    actions.withdraw_aid(rows[3].pk, actor=sender)
    for loan in Loan.objects.filter(state="lent"):
        actions.give_back(loan.pk, actor=sender)


def units_lent(centre: Centre, boss: Actor) -> None:
    """They ask: lent, declined, taken back; and one that they need no more."""
    until = (clock.now() + timedelta(hours=1)).isoformat()
    wish = {"note": "aid_request", "count": 1, "until": until, "place": WORDS, "words": WORDS}
    for name in ("a", "b", "c"):
        arrives(wish | {"reference": f"{WORD}:{name}", "capability": WORDS, "reason": WORDS})
    first, second, third = Aid.objects.filter(ours=False).order_by("id")
    tried(actions.lend_units, first.pk, [WORDS], actor=boss)
    free = a_free_unit().call_sign
    actions.lend_units(first.pk, [free], minutes=5, actor=boss)
    for why in (WORD, WORDS):
        tried(actions.decline_aid, second.pk, reason=why, actor=boss)
    actions.decline_aid(second.pk, reason="other", actor=boss)
    arrives({"note": "withdrawn", "what": "aid", "reference": third.reference})
    for sign in (WORDS, free):
        arrives({"note": "loan_ended", "reference": first.reference, "sign": sign})


def records_shared(
    centre: Centre, person: Callable[[str], User], boss: Actor, sender: Actor
) -> None:
    """Ours, to be read there; and theirs, to be read here."""
    made: dict[str, Any] = {"name": WORDS, "password": SECRET, "roles": ["supervisor"]}
    admin = of_user(person("administrator"))
    second = of_user(accounts.create_user(f"{WORD}.boss", actor=admin, **made))
    rows = []
    for _n in range(3):
        incident = an_incident(sender)
        for wrong in (WORD, WORDS):
            tried(actions.propose_share, incident, wrong, [wrong], hours=1, actor=boss)
        rows.append(actions.propose_share(incident, centre.code, list(PARTS), hours=1, actor=boss))
        actions.approve_share(rows[-1].pk, actor=second)
    said = {"note": "share_answer", "by": WORDS, "reference": rows[0].reference}
    arrives(said | {"answer": "accepted"})
    actions.read_share(rows[0].reference, centre, actor=system(centre.code))
    tried(actions.read_share, WORD, centre, actor=system(centre.code))
    actions.note_share(rows[1].pk, accepted=True, by=WORDS, actor=sender)
    actions.end_share(rows[1].pk, actor=sender)
    arrives({"note": "share_ended", "reference": rows[0].reference})
    offer = {"note": "share_offer", "parts": [WORDS, "state"], "hours": 1, "title": WORDS}
    arrives(offer | {"reference": WORD})
    theirs = Share.objects.get(ours=False)
    actions.answer_share(theirs.pk, accepted=True, actor=sender)
    actions.want_share(theirs.pk, actor=sender)
    actions.note_fetched(theirs.pk, TOLD, actor=TIMER)
    actions.note_fetched(theirs.pk, None, error="no_answer", actor=TIMER)
    actions.end_shares(actor=TIMER)
