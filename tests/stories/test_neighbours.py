"""A call that is a neighbour's goes over with its record, and one of theirs comes to us."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing, Refused
from sigap.core.journal import verify
from sigap.core.models import Alarm, Inbox, Journal, Text
from sigap.dispatch.actions import end_incident, send_units
from sigap.dispatch.queries import recommend_for
from sigap.gateways.eido.compose import compose
from sigap.gateways.eido.door import signed, who_sent
from sigap.gateways.eido.read import read_own
from sigap.incidents.models import Incident, IncidentType
from sigap.neighbours import actions
from sigap.neighbours.models import Centre, Handover, Parcel, TypeCode
from sigap.neighbours.queries import record_of, suggested, type_of
from sigap.neighbours.record import Record
from sigap.neighbours.retention import erase_told

from .neighbouring import SECRETS, agreed, arrives
from .proofs import proves

TIMER = system("timer")
OUTSIDE = {"lat": -7.7512, "lng": 112.1834}
TOLD = Record(
    id="urn:emergency:uid:incidentid:77aa:kab",
    number="204",
    sender="kab_kediri",
    type_codes=["kecelakaan_lalin"],
    type_text="Kecelakaan",
    priority=2,
    status="open",
    address="Jl. Doho 5",
    lat=-7.8185,
    lng=112.0155,
    caller="+6281233451190",
    what="Motor jatuh",
    updated_at=clock.now(),
)


def theirs(**more: Any) -> dict[str, Any]:
    """A record of theirs as EIDO."""
    return compose(TOLD.model_copy(update=more))


def alarms(code: str) -> list[Alarm]:
    return list(Alarm.objects.filter(code=code).exclude(state="done"))


def call_of(row: Handover) -> str:
    """The state of the call that was handed over."""
    assert row.call is not None
    row.call.refresh_from_db()
    return row.call.state


@pytest.fixture
def centre() -> Centre:
    return agreed()


@pytest.fixture
def offered(
    centre: Centre, answered: Callable[..., Call], actor: Callable[[str], Actor]
) -> Callable[..., Handover]:
    """A call that the call taker has offered to Kabupaten Kediri."""

    def offer(**more: Any) -> Handover:
        told = Record(address="Pasar Pare", what="Kebakaran", caller="+6281233451190", **OUTSIDE)
        return actions.hand_over(
            told,
            centre.code,
            more.pop("parts", ["state", "place", "address", "words", "number"]),
            call_id=answered().pk,
            actor=actor("call_taker"),
            **more,
        )

    return offer


# --- to them --------------------------------------------------------------------------


def test_a_call_is_offered_with_what_was_chosen_and_stays_open_here(
    offered: Callable[..., Handover], journal: Callable[[], list[str]]
) -> None:
    row = offered(parts=["state", "address"])
    told = record_of(row)
    assert told is not None
    assert (told.address, told.caller, told.lat, told.what) == ("Pasar Pare", "", None, "")
    assert "handover.offered" in journal()
    assert call_of(row) == "answered"
    [parcel] = Parcel.objects.all()
    assert parcel.kind == "record" and parcel.due_at == clock.now()


def test_the_same_call_is_offered_to_one_centre_once(
    offered: Callable[..., Handover], actor: Callable[[str], Actor]
) -> None:
    row = offered()
    with pytest.raises(Refused) as refusal:
        actions.hand_over(
            Record(), "kab_kediri", [], call_id=row.call_id, actor=actor("call_taker")
        )
    assert refusal.value.code == "offered"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"centre_code": "nobody"}, Missing),
        ({"parts": ["wishes"]}, Invalid),
        ({"call_id": None}, Invalid),
        ({"call_id": 10**9}, Missing),
    ],
)
def test_what_cannot_be_offered_is_refused(
    given: dict[str, Any],
    error: type[Exception],
    centre: Centre,
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
) -> None:
    asked: dict[str, Any] = {
        "centre_code": centre.code,
        "parts": ["state"],
        "call_id": answered().pk,
    } | given
    with pytest.raises(error):
        actions.hand_over(Record(), actor=actor("call_taker"), **asked)
    assert not Handover.objects.exists()


@proves("neighbours.answer_s")
def test_what_is_not_accepted_in_time_alarms_the_supervisor_and_closes_nothing(
    offered: Callable[..., Handover],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("neighbours.answer_s", 45)
    row = offered()
    time.forward(44)
    actions.mind_neighbours(actor=TIMER)
    assert alarms("handover_unanswered") == []
    time.forward(1)
    actions.mind_neighbours(actor=TIMER)
    [alarm] = alarms("handover_unanswered")
    assert (alarm.owner, alarm.urgency, alarm.subject) == ("supervisor", 1, f"handover:{row.pk}")
    row.refresh_from_db()
    assert row.state == "offered" and call_of(row) == "answered"


def test_their_acceptance_is_shown_with_role_and_number_and_ends_the_alarm(
    offered: Callable[..., Handover], time: clock.Frozen, browser_of: Callable[..., Client]
) -> None:
    row = offered()
    time.forward(300)
    actions.mind_neighbours(actor=TIMER)
    letter = arrives(
        {
            "note": "handover_answer",
            "reference": row.reference,
            "answer": "accepted",
            "by": "dispatcher",
            "number": "731",
            "at": clock.now().isoformat(),
            "something": "new",
        }
    )
    assert letter.error == ""
    row.refresh_from_db()
    assert row.state == "accepted" and alarms("handover_unanswered") == []
    assert call_of(row) == "answered"
    page = browser_of("call_taker").get(f"/neighbours/handovers/{row.pk}").text
    assert "731" in page and "Pasar Pare" in page


def test_their_refusal_makes_it_ours_again_with_an_alarm(
    offered: Callable[..., Handover], actor: Callable[[str], Actor]
) -> None:
    row = offered()
    said = {"note": "handover_answer", "reference": row.reference, "answer": "declined"}
    assert arrives(said | {"reason": "bukan wilayah"}).error == ""
    row.refresh_from_db()
    assert (row.state, row.answer_reason) == ("declined", "other")
    assert [a.owner for a in alarms("handover_declined")] == ["supervisor"]
    actions.hand_over(
        Record(), row.centre.code, ["state"], call_id=row.call_id, actor=actor("call_taker")
    )
    assert alarms("handover_declined") == []


def test_an_acceptance_that_crossed_our_withdrawal_counts(
    offered: Callable[..., Handover], actor: Callable[[str], Actor]
) -> None:
    row = offered()
    actions.withdraw_handover(row.pk, actor=actor("call_taker"))
    arrives({"note": "handover_answer", "reference": row.reference, "answer": "accepted"})
    row.refresh_from_db()
    assert row.state == "accepted"


def test_without_an_address_there_is_a_link_and_the_telephone(
    offered: Callable[..., Handover], actor: Callable[[str], Actor]
) -> None:
    agreed(url="")
    row = offered()
    assert not Parcel.objects.exists() and row.links.count() == 1
    with pytest.raises(Invalid):
        actions.note_answer(row.pk, accepted=True, by=" ", actor=actor("call_taker"))
    actions.note_answer(
        row.pk, accepted=True, by="Operator", number="88", actor=actor("call_taker")
    )
    row.refresh_from_db()
    assert row.state == "accepted"


def test_how_ours_goes_on_is_told_once_and_only_its_state(
    centre: Centre, actor: Callable[[str], Actor]
) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    actions.accept_handover(row.pk, type_code="kecelakaan_lalin", actor=actor("call_taker"))
    assert actions.tell_states(actor=TIMER) == 0
    row.refresh_from_db()
    assert row.incident is not None
    send_units(
        row.incident.pk,
        [pick.call_sign for pick in recommend_for(row.incident).picks],
        actor=actor("dispatcher"),
    )
    assert actions.tell_states(actor=TIMER) == 1
    assert actions.tell_states(actor=TIMER) == 0
    told = Record.model_validate_json(Parcel.objects.latest("id").content.body)
    assert (told.id, told.status) == (row.reference, "in_progress")
    assert (told.caller, told.address, told.what) == ("", "", "")


# --- to us ----------------------------------------------------------------------------


def test_a_record_of_theirs_waits_for_a_person_with_an_alarm(
    centre: Centre, journal: Callable[[], list[str]]
) -> None:
    before = Incident.objects.count()
    assert arrives(theirs()).error == ""
    row = Handover.objects.get()
    assert (row.ours, row.state, row.type and row.type.code) == (
        False,
        "offered",
        "kecelakaan_lalin",
    )
    [alarm] = alarms("handover_in")
    assert (alarm.owner, alarm.urgency) == ("call_taker", 1)
    assert Incident.objects.count() == before
    centre.refresh_from_db()
    assert centre.heard_at == clock.now()


def test_accepted_it_becomes_an_incident_here_and_they_are_told_by_role(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    client = browser_of("call_taker")
    answer = client.post(
        f"/neighbours/handovers/{row.pk}/accept",
        {"type": "kecelakaan_lalin", "priority": "1", "version": row.version},
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    incident = row.incident
    assert incident is not None and incident.priority == 1 and incident.source == ""
    assert incident.address and incident.address.body == "Jl. Doho 5"
    assert incident.reporter and incident.reporter.body == "+6281233451190"
    assert (incident.lat, incident.location_source) == (-7.8185, "neighbour")
    assert alarms("handover_in") == []
    said = Parcel.objects.get().content.body
    assert '"by":"call_taker"' in said and f'"number":"{incident.pk}"' in said
    page = client.get(f"/incidents/{incident.pk}").text
    assert "Kabupaten Kediri" in page


def test_accepted_as_one_that_is_known_here_no_second_is_opened(
    centre: Centre, actor: Callable[[str], Actor], answered: Callable[..., Call]
) -> None:
    from sigap.incidents.actions import open_incident

    known = open_incident("kecelakaan_lalin", actor=actor("call_taker"))
    arrives(theirs())
    row = Handover.objects.get()
    actions.accept_handover(row.pk, incident_id=known.pk, actor=actor("call_taker"))
    row.refresh_from_db()
    assert row.incident_id == known.pk and Incident.objects.count() == 1


def test_declined_with_a_reason_they_are_told(
    centre: Centre, actor: Callable[[str], Actor]
) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    for why in ("", "no such reason"):
        with pytest.raises(Invalid):
            actions.decline_handover(row.pk, reason=why, actor=actor("call_taker"))
    actions.decline_handover(row.pk, reason="not_our_area", actor=actor("call_taker"))
    assert '"answer":"declined"' in Parcel.objects.get().content.body
    assert alarms("handover_in") == [] and not Incident.objects.exists()


def test_two_people_cannot_both_take_it(centre: Centre, actor: Callable[[str], Actor]) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    given: dict[str, Any] = {"type_code": "kecelakaan_lalin", "version": row.version}
    actions.accept_handover(row.pk, actor=actor("call_taker"), **given)
    with pytest.raises(Conflict):
        actions.accept_handover(row.pk, actor=actor("dispatcher"), **given)
    assert Incident.objects.count() == 1


def test_the_same_document_twice_counts_once(centre: Centre) -> None:
    document = theirs()
    first, second = arrives(document), arrives(document)
    assert first.pk == second.pk
    assert Handover.objects.count() == 1
    assert Journal.objects.filter(kind="handover.updated").count() == 0


def test_news_of_a_known_one_go_into_the_timeline_and_end_nothing(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    actions.accept_handover(row.pk, type_code="kecelakaan_lalin", actor=actor("call_taker"))
    arrives(theirs(status="closed", address="", updated_at=clock.now() + timedelta(seconds=5)))
    row.refresh_from_db()
    assert row.incident is not None and row.incident.state == "open"
    told = record_of(row)
    assert told is not None and (told.status, told.address) == ("closed", "Jl. Doho 5")
    last = Journal.objects.latest("seq")
    assert (last.kind, last.case) == ("handover.updated", f"incident:{row.incident_id}")
    page = browser_of("dispatcher").get(f"/incidents/{row.incident_id}").text
    assert "Kabupaten Kediri" in page


def test_their_news_of_what_is_ours_are_kept_beside_it(
    offered: Callable[..., Handover], browser_of: Callable[..., Client]
) -> None:
    row = offered()
    arrives(theirs(id=row.reference, status="Unit datang", address=""))
    told = record_of(row)
    assert told is not None and told.address == "Pasar Pare"
    assert "Unit datang" in browser_of("call_taker").get(f"/neighbours/handovers/{row.pk}").text


def test_codes_that_nobody_knows_are_shown_as_they_came_and_a_person_chooses(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    document = theirs(type_codes=["10-50", "VEHACC"], type_text="MVA W/INJ", status="10-23")
    document["emergencyResourceComponent"] = [
        {"emergencyResourceName": "E7", "primaryUnitStatusRegistryText": "Rolling!"}
    ]
    assert arrives(document).error == ""
    row = Handover.objects.get()
    assert row.type is None
    page = browser_of("call_taker").get(f"/neighbours/handovers/{row.pk}").text
    for words in ("10-50", "VEHACC", "MVA W/INJ", "10-23", "Rolling!", "E7"):
        assert words in page
    with pytest.raises(Missing):
        actions.accept_handover(row.pk, actor=actor("call_taker"))


def test_the_citys_table_says_what_a_code_means() -> None:
    kind = IncidentType.objects.get(code="kebakaran_lahan")
    TypeCode.objects.create(code="VegFire", type=kind)
    assert type_of(Record(type_codes=["x", "vegfire"])) == kind
    assert type_of(Record(type_codes=["x"])) is None


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"not json", "json"),
        (b"[" * 60_000, "json"),
        (b"\xff\xfe\x00", "json"),
        (b"[1,2]", "eido"),
        (b'{"agencyComponent":[]}', "eido"),
        (b'{"incidentComponent":{"a":1}}', "no_id"),
        (b'{"note":"dance","reference":"x"}', "note"),
        (b'{"note":["dance"]}', "note"),
        (b'{"note":"handover_answer","reference":"x","answer":"perhaps"}', "fields"),
        (b'{"note":"handover_answer","reference":"x","answer":"accepted"}', "reference"),
        (b'{"note":"aid_request","reference":"x","capability":"als","count":1,"until":1e99}', "f"),
    ],
)
def test_what_cannot_be_understood_is_kept_with_its_reason_and_alarms(
    sent: bytes, error: str, centre: Centre
) -> None:
    letter = arrives(sent)
    assert letter.error.startswith(error) and letter.payload
    assert len(alarms("refused")) == 1
    assert not Handover.objects.exists()


# --- who may ---------------------------------------------------------------------------


def test_only_a_centre_that_signs_what_it_sends_and_just_now_may_come_in(centre: Centre) -> None:
    now, body = clock.now(), b'{"a":1}'
    good = signed("kab_kediri", SECRETS["secret_in"], body, now)
    assert who_sent(good, body, now) == "kab_kediri"
    assert who_sent(good, body + b" ", now) == ""
    assert who_sent(good, body, now + timedelta(minutes=6)) == ""
    assert who_sent(good, body, now - timedelta(minutes=6)) == ""
    assert who_sent(good | {"x-sigap-centre": "other"}, body, now) == ""
    assert who_sent(good | {"x-sigap-time": "later"}, body, now) == ""
    assert who_sent(signed("kab_kediri", SECRETS["secret_out"], body, now), body, now) == ""
    assert who_sent({"authorization": f"Bearer {SECRETS['secret_in']}"}, body, now) == "kab_kediri"
    for wrong in ("Bearer ", "Bearer x", "Basic what-they-sign-with-112", ""):
        assert who_sent({"authorization": wrong}, body, now) == ""
    agreed(active=False)
    assert who_sent(good, body, now) == ""


def test_a_centre_without_secrets_opens_no_door() -> None:
    body = b"{}"
    assert who_sent(signed("kab_kediri", "", body, clock.now()), body, clock.now()) == ""
    assert who_sent({"authorization": "Bearer "}, body, clock.now()) == ""


def test_secrets_are_kept_encrypted_and_never_shown_again(
    centre: Centre, browser_of: Callable[..., Client]
) -> None:
    for name, secret in SECRETS.items():
        assert secret not in getattr(centre, name) and getattr(centre, name)
    admin = browser_of("administrator")
    page = admin.get(f"/admin/centres/{centre.pk}").text
    for name, secret in SECRETS.items():
        assert secret not in page and getattr(centre, name) not in page
    rows = Journal.objects.filter(subject=f"centre:{centre.pk}")
    assert not any(secret in str(row.body) for row in rows for secret in SECRETS.values())


def test_a_secret_that_is_left_empty_stays_and_one_too_short_is_refused(
    centre: Centre, browser_of: Callable[..., Client]
) -> None:
    admin, address = browser_of("administrator"), f"/admin/centres/{centre.pk}"
    seen = Journal.objects.filter(subject=f"centre:{centre.pk}").latest("seq").seq
    form = {
        "name": "112 Kab. Kediri",
        "name_en": "112 Kab. Kediri",
        "area": "Kabupaten Kediri",
        "url": "https://112.example",
        "active": "on",
        "seen": str(seen),
    }
    assert admin.post(address, form | {"secret_in": "short"}).status_code == 400
    assert admin.post(address, form | {"url": "http://plain.example"}).status_code == 400
    assert admin.post(address, form).status_code == 302
    fresh = Centre.objects.get(pk=centre.pk)
    assert fresh.secret_in == centre.secret_in and fresh.name == "112 Kab. Kediri"


@pytest.mark.parametrize("role", ["agency", "crew", "evaluator", "administrator"])
def test_others_than_the_control_room_may_not(
    role: str, actor: Callable[[str], Actor], centre: Centre, browser_of: Callable[..., Client]
) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    with pytest.raises(Forbidden):
        actions.accept_handover(row.pk, type_code="kecelakaan_lalin", actor=actor(role))
    assert browser_of(role).get("/neighbours").status_code == 403


# --- the pages --------------------------------------------------------------------------


def test_what_goes_is_seen_before_it_is_sent(
    centre: Centre, answered: Callable[..., Call], browser_of: Callable[..., Client]
) -> None:
    client, call = browser_of("call_taker"), answered()
    typed = {"type": "kebakaran_lahan", "address": "Pasar Pare", "what": "Asap", **OUTSIDE}
    page = client.post(f"/calls/{call.pk}/handover", typed)
    assert page.status_code == 200 and not Handover.objects.exists()
    assert "Pasar Pare" in page.text and "+6281233451190" in page.text
    assert 'value="kab_kediri" required checked' in page.text
    assert 'value="number" checked' in page.text
    sent = {"send": "true", "centre": "kab_kediri", "parts": ["address", "number"], **typed}
    answer = client.post(f"/calls/{call.pk}/handover", sent)
    row = Handover.objects.get()
    assert answer["Location"] == f"/neighbours/handovers/{row.pk}"
    told = record_of(row)
    assert told is not None and told.type_codes == ["kebakaran_lahan"]
    assert (told.caller, told.lat) == ("+6281233451190", None)
    assert read_own(compose(told)) == told


def test_a_form_that_is_refused_loses_nothing(
    centre: Centre, answered: Callable[..., Call], browser_of: Callable[..., Client]
) -> None:
    client, call = browser_of("call_taker"), answered()
    form = {"send": "true", "centre": "nobody", "address": "Pasar Pare"}
    page = client.post(f"/calls/{call.pk}/handover", form)
    assert page.status_code == 404 and "Pasar Pare" in page.text
    assert client.post(f"/calls/{call.pk}/handover", {"lat": "north"}).status_code == 400


def test_an_incident_is_handed_over_without_the_words_of_others_unless_chosen(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    from sigap.incidents.actions import add_note, open_incident

    incident = open_incident(
        "kecelakaan_lalin", address="Jl. Pare", chronology="Tabrakan", actor=actor("dispatcher")
    )
    add_note(incident.pk, "Pelat AG 1234", actor=actor("dispatcher"))
    client = browser_of("dispatcher")
    page = client.get(f"/incidents/{incident.pk}/handover").text
    assert 'value="words" checked' in page and 'value="notes"> ' in page
    form = {"send": "true", "centre": "kab_kediri", "parts": ["words"]}
    client.post(f"/incidents/{incident.pk}/handover", form)
    told = record_of(Handover.objects.get())
    assert told is not None and (told.what, told.notes, told.address) == ("Tabrakan", [], "")


def test_the_centre_is_suggested_by_the_villages_named_then_by_the_place() -> None:
    agreed()
    assert suggested(None, None, "dekat pasar  PARE ya") == Centre.objects.get(code="kab_kediri")
    assert suggested(-7.7512, 112.1834, "") == Centre.objects.get(code="kab_kediri")
    assert suggested(None, None, "Jl. Doho") is None


def test_the_page_shows_whether_a_centre_can_be_reached(
    offered: Callable[..., Handover], browser_of: Callable[..., Client], time: clock.Frozen
) -> None:
    offered()
    parcel = Parcel.objects.get()
    actions.note_parcel(parcel.pk, error="http_401", actor=TIMER)
    parcel.refresh_from_db()
    assert (parcel.tries, parcel.error) == (1, "http_401")
    assert parcel.due_at == clock.now() + timedelta(seconds=2)
    page = browser_of("supervisor").get("/neighbours").text
    assert "112 Kabupaten Kediri" in page and 'class="breach"' in page
    actions.note_parcel(parcel.pk, actor=TIMER)
    row = Handover.objects.get()
    assert row.delivered_at == clock.now()
    assert Centre.objects.get(code="kab_kediri").fault == ""


def test_nothing_is_lost_where_the_address_does_not_answer_for_a_day(
    offered: Callable[..., Handover], time: clock.Frozen
) -> None:
    offered()
    parcel = Parcel.objects.get()
    for _attempt in range(10):
        actions.note_parcel(parcel.pk, error="no_connection", actor=TIMER)
        time.forward(120)
    parcel.refresh_from_db()
    assert parcel.due_at is not None and parcel.tries == 10
    time.forward(24 * 3600)
    actions.note_parcel(parcel.pk, error="no_connection", actor=TIMER)
    parcel.refresh_from_db()
    assert parcel.due_at is None


# --- by link ------------------------------------------------------------------------------


def link_of(client: Client, row: Handover) -> str:
    page = client.get(f"/neighbours/handovers/{row.pk}").text
    return "/limpahan/" + page.partition("/limpahan/")[2].partition("<")[0]


def test_a_link_shows_the_record_to_whoever_knows_the_code_and_says_so(
    offered: Callable[..., Handover],
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
    journal: Callable[[], list[str]],
) -> None:
    row = offered()
    actions.make_link(row, actor=actor("call_taker"))
    address, stranger = link_of(browser_of("call_taker"), row), browser_of(None)
    page = stranger.get(address)
    assert page.status_code == 200 and "Pasar Pare" not in page.text
    assert "noindex" in page["X-Robots-Tag"] and page["Cache-Control"] == "no-store"
    assert stranger.post(address, {"code": "guess"}).status_code == 403
    page = stranger.post(address, {"code": SECRETS["access_code"]})
    assert page.status_code == 200 and "Pasar Pare" in page.text
    assert [k for k in journal() if k.startswith("link.")] == [
        "link.made",
        "link.refused",
        "link.opened",
    ]
    assert row.links.get().opened == 1


@proves("neighbours.link_h")
def test_a_link_is_over_after_its_time_and_when_it_is_closed(
    offered: Callable[..., Handover],
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("neighbours.link_h", 2)
    row, code = offered(), {"code": SECRETS["access_code"]}
    actions.make_link(row, actor=actor("call_taker"))
    first, stranger = link_of(browser_of("call_taker"), row), browser_of(None)
    actions.make_link(row, actor=actor("call_taker"))
    assert stranger.post(first, code).status_code == 404  # a new one ends the old
    second = link_of(browser_of("call_taker"), row)
    time.forward(2 * 3600 - 1)
    assert stranger.post(second, code).status_code == 200
    time.forward(1)
    assert stranger.post(second, code).status_code == 404
    third = actions.make_link(row, actor=actor("call_taker"))
    address = link_of(browser_of("call_taker"), row)
    actions.revoke_link(third.pk, actor=actor("call_taker"))
    assert stranger.post(address, code).status_code == 404


@pytest.mark.parametrize("token", ["1", "1-", "1-AAAA", "²-x", "9" * 30 + "-x", "x" * 300])
def test_a_link_cannot_be_guessed(
    token: str,
    offered: Callable[..., Handover],
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
) -> None:
    actions.make_link(offered(), actor=actor("call_taker"))
    code = {"code": SECRETS["access_code"]}
    assert browser_of(None).post(f"/limpahan/{token}", code).status_code == 404


# --- and is forgotten ---------------------------------------------------------------------


def test_what_was_told_is_erased_with_the_case_and_not_before(
    centre: Centre, actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    actions.accept_handover(row.pk, type_code="kecelakaan_lalin", actor=actor("call_taker"))
    row.refresh_from_db()
    time.forward(2000 * 86_400)
    assert erase_told(actor=TIMER) == 0  # it is open still
    end_incident(row.incident_id or 0, "cancel", reason="other", actor=actor("dispatcher"))
    assert erase_told(actor=TIMER) == 0
    time.forward(2000 * 86_400)
    assert erase_told(actor=TIMER) > 0
    assert record_of(row) is None
    assert not Text.objects.filter(subject=f"handover:{row.pk}").exclude(body="").exists()


def test_the_record_stays_sound(centre: Centre, actor: Callable[[str], Actor]) -> None:
    arrives(theirs())
    row = Handover.objects.get()
    actions.accept_handover(row.pk, type_code="kecelakaan_lalin", actor=actor("call_taker"))
    assert verify().broken_seq is None
    assert not Inbox.objects.exclude(error="").exists()
