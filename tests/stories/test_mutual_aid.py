"""Units are lent between neighbours, and records shared for a time, as both sides want it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Forbidden, Invalid, Missing, Refused
from sigap.core.models import Alarm, Journal, User
from sigap.dispatch.actions import cancel_assignment, send_units
from sigap.fleet.models import Unit
from sigap.gateways.eido.compose import as_bytes, compose
from sigap.gateways.eido.door import signed
from sigap.gateways.eido.read import read
from sigap.incidents.actions import add_note, open_incident
from sigap.incidents.models import Incident
from sigap.neighbours import actions
from sigap.neighbours.models import Aid, Centre, Loan, Parcel, Share
from sigap.neighbours.queries import record_of
from sigap.neighbours.record import Record
from sigap.notify.actions import follow_jobs, set_phone
from sigap.notify.models import Alert

from .neighbouring import SECRETS, agreed, arrives
from .proofs import proves

TIMER = system("timer")
HOUR = 3600


def alarms(code: str) -> list[Alarm]:
    return list(Alarm.objects.filter(code=code).exclude(state="done"))


def unit(sign: str) -> Unit:
    return Unit.objects.get(call_sign=sign)


@pytest.fixture
def centre() -> Centre:
    return agreed()


@pytest.fixture
def fire(actor: Callable[[str], Actor]) -> Incident:
    return open_incident(
        "kebakaran_lahan",
        address="Jl. Doho 5",
        chronology="Lahan terbakar",
        lat=-7.8185,
        lng=112.0155,
        actor=actor("dispatcher"),
    )


@pytest.fixture
def asked(centre: Centre, fire: Incident, actor: Callable[[str], Actor]) -> Callable[..., Aid]:
    """We ask Kabupaten Kediri for an ambulance."""

    def ask(**more: Any) -> Aid:
        wish: dict[str, Any] = {"capability": ability(), "count": 1, "hours": 2}
        wish |= {"reason": "all_busy", "place": "Jl. Doho 5", "incident_id": fire.pk}
        return actions.ask_aid(centre.code, actor=actor("dispatcher"), **(wish | more))

    return ask


def ability() -> str:
    return str(unit("AMB-01").capabilities[0])


def request(**more: Any) -> dict[str, Any]:
    """They ask us."""
    until = (clock.now() + timedelta(hours=2)).isoformat()
    wish = {"note": "aid_request", "reference": "aid:1", "capability": ability(), "count": 1}
    return wish | {"until": until, "reason": "all_busy", "place": "Pasar Pare"} | more


# --- asking them ------------------------------------------------------------------------


def test_a_request_goes_with_what_where_until_when_and_why(asked: Callable[..., Aid]) -> None:
    row = asked()
    said = Parcel.objects.get().content.body
    for words in ('"count":1', "Jl. Doho 5", '"reason":"all_busy"', row.reference, "-7.8185"):
        assert words in said
    assert row.until == clock.now() + timedelta(hours=2)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"reason": "because"}, Invalid),
        ({"capability": "teleport"}, Missing),
        ({"count": 0}, Invalid),
        ({"hours": 100}, Invalid),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    wrong: dict[str, Any], error: type[Exception], asked: Callable[..., Aid]
) -> None:
    with pytest.raises(error):
        asked(**wrong)


@proves("neighbours.aid_answer_s")
def test_a_request_without_an_answer_alarms_the_supervisor(
    asked: Callable[..., Aid], time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    put("neighbours.aid_answer_s", 300)
    asked()
    time.forward(299)
    actions.mind_neighbours(actor=TIMER)
    assert alarms("aid_unanswered") == []
    time.forward(1)
    actions.mind_neighbours(actor=TIMER)
    assert [a.owner for a in alarms("aid_unanswered")] == ["supervisor"]


def test_their_units_are_guests_on_our_board_and_can_be_sent(
    asked: Callable[..., Aid],
    fire: Incident,
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
) -> None:
    row = asked()
    comes = {"sign": "AMB 9", "kind": "Ambulans", "capabilities": [ability(), "warp"]}
    said = {"note": "aid_answer", "reference": row.reference, "answer": "accepted"}
    assert arrives(said | {"by": "Piket", "units": [comes]}).error == ""
    guest = unit("KAB_KEDIRI:AMB-9")
    assert guest.capabilities == [ability()] and guest.active and guest.on_duty
    board = browser_of("dispatcher").get("/console/state").json()["units"]
    [shown] = [u for u in board if u["call_sign"] == guest.call_sign]
    assert shown["lent"]["guest"] and shown["lent"]["centre"] == "Kabupaten Kediri"
    [job] = send_units(fire.pk, [guest.call_sign], actor=actor("dispatcher"))
    assert job.state == "notified"
    loan = Loan.objects.get()
    with pytest.raises(Invalid):
        actions.give_back(loan.pk, actor=actor("dispatcher"))  # it works for us just now
    cancel_assignment(job.pk, reason="not_needed", actor=actor("dispatcher"))
    actions.give_back(loan.pk, actor=actor("dispatcher"))
    guest.refresh_from_db()
    row.refresh_from_db()
    assert not guest.active and row.state == "ended"
    assert "loan_ended" in Parcel.objects.latest("id").content.body


def test_whom_no_alert_reaches_is_told_by_radio_and_the_pages_say_so(
    asked: Callable[..., Aid],
    fire: Incident,
    actor: Callable[[str], Actor],
    person: Callable[[str], User],
    browser_of: Callable[..., Client],
) -> None:
    set_phone(person("crew"), "081234567891", actor=TIMER)  # the city does alert its crews
    row, client = asked(), browser_of("dispatcher")
    actions.note_aid(row.pk, accepted=True, by="Piket", signs=["AMB-9"], actor=actor("dispatcher"))
    sign = "KAB_KEDIRI:AMB-9"
    follow_jobs(actor=TIMER)
    send_units(fire.pk, [sign], actor=actor("dispatcher"))
    follow_jobs(actor=TIMER)
    assert Alert.objects.get().gap == "nobody"
    assert "lewat radio" in client.get(f"/incidents/{fire.pk}").text
    for page in ("/neighbours", f"/neighbours/aid/{row.pk}"):
        assert "lewat radio" in client.get(page).text and "0354112112" in client.get(page).text

    def lent() -> Any:
        board = client.get("/console/state").json()["units"]
        return next(u["lent"] for u in board if u["call_sign"] == sign)

    assert (lent()["alerted"], lent()["phone"]) == (False, "0354112112")
    # Where they were given an account with a number, they are alerted as ours are.
    guest = create_user(
        "tamu", name="Tamu", password="kata sandi uji coba", roles=["crew"], unit=sign, actor=TIMER
    )
    set_phone(guest, "081234567890", actor=TIMER)
    with override_settings(ENV=settings.ENV.model_copy(update={"sms_url": "https://sms.example"})):
        assert lent()["alerted"]
        assert "lewat radio" not in client.get(f"/neighbours/aid/{row.pk}").text


def test_the_crew_of_a_unit_that_we_lend_is_told_by_radio(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    arrives(request())
    actions.lend_units(Aid.objects.get().pk, ["AMB-01"], actor=actor("supervisor"))
    client = browser_of("dispatcher")
    assert "lewat radio" in client.get("/neighbours").text
    board = client.get("/console/state").json()["units"]
    [shown] = [u["lent"] for u in board if u["call_sign"] == "AMB-01"]
    assert (shown["guest"], shown["alerted"]) == (False, False)


def test_what_was_typed_stays_when_a_form_is_refused(
    asked: Callable[..., Aid], fire: Incident, browser_of: Callable[..., Client]
) -> None:
    row, client = asked(), browser_of("dispatcher")
    wish = {"centre": "kab_kediri", "capability": ability(), "count": "77", "hours": "400"}
    typed = {"place": "Pasar Pare", "words": "Bawa tangga", "incident": str(fire.pk)}
    for more in ({"reason": "all_busy"}, {"reason": ""}, {"reason": "all_busy", "count": "banyak"}):
        answer = client.post("/neighbours/ask", wish | typed | more)
        assert answer.status_code == 400  # noqa: PLR2004
        for word in ('role="alert"', "Pasar Pare", "Bawa tangga", f'value="{fire.pk}"'):
            assert word in answer.text
    share = {"incident": str(fire.pk), "centre": "kab_kediri", "hours": "999", "parts": "words"}
    page = client.post("/neighbours/propose", share).text
    assert 'value="999"' in page and 'value="words" checked' in page
    told = {"by": "Piket Pare", "signs": "AMB-7", "version": "99"}
    answer = client.post(f"/neighbours/aid/{row.pk}/told_yes", told)
    assert answer.status_code == 409  # noqa: PLR2004
    assert "Piket Pare" in answer.text and "AMB-7" in answer.text
    long = client.post(f"/neighbours/aid/{row.pk}/told_yes", told | {"by": "x" * 300})
    assert long.status_code == 400 and "AMB-7" in long.text  # noqa: PLR2004


def test_the_same_guest_comes_again_as_the_same_unit(
    asked: Callable[..., Aid], actor: Callable[[str], Actor]
) -> None:
    for _time in range(2):
        row = asked()
        actions.note_aid(
            row.pk, accepted=True, by="Piket", signs=["AMB-9"], actor=actor("dispatcher")
        )
        actions.give_back(Loan.objects.latest("id").pk, actor=actor("dispatcher"))
    assert Unit.objects.filter(call_sign="KAB_KEDIRI:AMB-9").count() == 1
    assert Loan.objects.filter(unit=unit("KAB_KEDIRI:AMB-9")).count() == 2


def test_their_refusal_is_shown_with_its_reason(
    asked: Callable[..., Aid], browser_of: Callable[..., Client]
) -> None:
    row = asked()
    said = {"note": "aid_answer", "reference": row.reference, "answer": "declined"}
    arrives(said | {"by": "Piket", "reason": "no_unit"})
    page = browser_of("dispatcher").get(f"/neighbours/aid/{row.pk}").text
    assert "Tidak ada unit" in page and "Piket" in page


# --- being asked ------------------------------------------------------------------------


def test_a_request_of_theirs_waits_for_a_supervisor(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    assert arrives(request()).error == ""
    arrives(request(extra=1))
    row = Aid.objects.get()
    assert [a.owner for a in alarms("aid_in")] == ["supervisor"]
    with pytest.raises(Forbidden):
        actions.lend_units(row.pk, ["AMB-01"], actor=actor("dispatcher"))
    page = browser_of("supervisor").get(f"/neighbours/aid/{row.pk}").text
    assert "Pasar Pare" in page and "AMB-01" in page


def test_what_we_lend_is_out_of_service_until_a_person_says_that_it_is_back(
    centre: Centre,
    actor: Callable[[str], Actor],
    time: clock.Frozen,
    browser_of: Callable[..., Client],
) -> None:
    arrives(request())
    row = Aid.objects.get()
    answer = browser_of("supervisor").post(
        f"/neighbours/aid/{row.pk}/accept", {"units": "AMB-01", "minutes": "25"}
    )
    assert answer.status_code == 302
    assert (unit("AMB-01").state, unit("AMB-01").reason) == ("unavailable", "lent")
    said = Parcel.objects.get().content.body
    assert '"sign":"AMB-01"' in said and '"by":"supervisor"' in said
    time.forward(2 * HOUR)
    actions.mind_neighbours(actor=TIMER)
    assert [a.owner for a in alarms("loan_over")] == ["dispatcher"]
    assert unit("AMB-01").state == "unavailable"  # unknown is not available
    arrives({"note": "loan_ended", "reference": "aid:1", "sign": "AMB-01"})
    loan = Loan.objects.get()
    assert loan.told_back_at == clock.now() and unit("AMB-01").state == "unavailable"
    browser_of("dispatcher").post(f"/neighbours/loans/{loan.pk}/return")
    assert unit("AMB-01").state == "available" and alarms("loan_over") == []


def test_a_unit_at_work_is_not_lent_and_nothing_is_answered(
    centre: Centre, fire: Incident, actor: Callable[[str], Actor]
) -> None:
    arrives(request())
    send_units(fire.pk, ["AMB-01"], actor=actor("dispatcher"))
    row = Aid.objects.get()
    with pytest.raises(Refused):
        actions.lend_units(row.pk, ["AMB-02", "AMB-01"], actor=actor("supervisor"))
    row.refresh_from_db()
    assert row.state == "asked" and unit("AMB-02").state == "available"
    assert not Parcel.objects.exists()


def test_declined_they_are_told_why(centre: Centre, actor: Callable[[str], Actor]) -> None:
    arrives(request())
    row = Aid.objects.get()
    actions.decline_aid(row.pk, reason="no_unit", actor=actor("supervisor"))
    assert '"reason":"no_unit"' in Parcel.objects.get().content.body
    assert alarms("aid_in") == []


def test_a_request_that_was_taken_back_asks_nobody_any_more(centre: Centre) -> None:
    arrives(request())
    arrives({"note": "withdrawn", "what": "aid", "reference": "aid:1"})
    assert Aid.objects.get().state == "withdrawn" and alarms("aid_in") == []


def test_capabilities_that_nobody_knows_are_shown_and_refuse_nothing(
    centre: Centre, browser_of: Callable[..., Client]
) -> None:
    assert arrives(request(capability="truk tangga 30 m")).error == ""
    row = Aid.objects.get()
    assert row.capability == "other"
    assert browser_of("supervisor").get(f"/neighbours/aid/{row.pk}").status_code == 200


# --- sharing ----------------------------------------------------------------------------


@pytest.fixture
def second(db: None) -> Actor:
    """Another supervisor."""
    made = create_user(
        "supervisor.2",
        name="Second",
        password="kata sandi uji coba",
        roles=["supervisor"],
        actor=system("setup"),
        must_change_password=False,
    )
    return of_user(made)


@pytest.fixture
def proposed(centre: Centre, fire: Incident, actor: Callable[[str], Actor]) -> Callable[..., Share]:
    return lambda parts=("units",), hours=2.0: actions.propose_share(
        fire.pk, centre.code, list(parts), hours=hours, actor=actor("supervisor")
    )


def test_two_people_here_and_one_there_must_want_it(
    proposed: Callable[..., Share], centre: Centre, actor: Callable[[str], Actor], second: Actor
) -> None:
    row = proposed()

    def may_read() -> bool:
        try:
            actions.read_share(row.reference, centre, actor=system(centre.code))
        except Missing:
            return False
        return True

    assert not may_read() and not Parcel.objects.exists()
    with pytest.raises(Refused) as refusal:
        actions.approve_share(row.pk, actor=actor("supervisor"))
    assert refusal.value.code == "own"
    with pytest.raises(Forbidden):
        actions.approve_share(row.pk, actor=actor("dispatcher"))
    actions.approve_share(row.pk, actor=second)
    assert not may_read() and "share_offer" in Parcel.objects.get().content.body
    arrives({"note": "share_answer", "reference": row.reference, "answer": "accepted"})
    assert may_read()


@pytest.fixture
def shared(proposed: Callable[..., Share], second: Actor, centre: Centre) -> Callable[..., Share]:
    """A record that they may read."""

    def share(**more: Any) -> Share:
        row = proposed(**more)
        actions.approve_share(row.pk, actor=second)
        arrives({"note": "share_answer", "reference": row.reference, "answer": "accepted"})
        row.refresh_from_db()
        return row

    return share


def ask(client: Client, reference: str, secret: str = SECRETS["secret_in"]) -> Any:
    """They read it, as their system does."""
    path = f"/eido/{reference}"
    headers = signed("kab_kediri", secret, path.encode(), clock.now())
    return client.get(path, headers=headers)


def test_they_read_it_live_without_persons_and_each_reading_is_on_record(
    shared: Callable[..., Share],
    fire: Incident,
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
) -> None:
    row, nobody = shared(), browser_of(None)
    add_note(fire.pk, "Pelat AG 1234", actor=actor("dispatcher"))
    send_units(fire.pk, ["AMB-02"], actor=actor("dispatcher"))
    answer = ask(nobody, row.reference)
    told = read(answer.json())
    assert (told.status, [u.name for u in told.units]) == ("in_progress", ["AMB-02"])
    for word in ("Doho", "terbakar", "1234", "-7.81"):
        assert word not in answer.text
    reads = Journal.objects.filter(kind="share.read")
    assert [(r.actor, r.case) for r in reads] == [("system:kab_kediri", f"incident:{fire.pk}")]
    assert ask(nobody, row.reference, "another-secret-112").status_code == 401
    assert ask(nobody, "share-other").status_code == 404


def test_what_is_chosen_is_told_too(
    shared: Callable[..., Share], browser_of: Callable[..., Client]
) -> None:
    row = shared(parts=("address", "words", "place"))
    told = read(ask(browser_of(None), row.reference).json())
    assert (told.address, told.what, told.lat) == ("Jl. Doho 5", "Lahan terbakar", -7.8185)


def test_after_its_end_nothing_is_given_though_no_timer_has_run(
    shared: Callable[..., Share], browser_of: Callable[..., Client], time: clock.Frozen
) -> None:
    row, nobody = shared(), browser_of(None)
    time.forward(2 * HOUR - 1)
    assert ask(nobody, row.reference).status_code == 200
    time.forward(1)
    assert ask(nobody, row.reference).status_code == 404
    actions.mind_neighbours(actor=TIMER)
    row.refresh_from_db()
    assert (row.state, row.ended_why) == ("ended", "time")


@pytest.mark.parametrize("side", ["here", "there"])
def test_either_side_ends_it_at_once(
    side: str,
    shared: Callable[..., Share],
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
) -> None:
    row = shared()
    if side == "here":
        actions.end_share(row.pk, actor=actor("dispatcher"))
        assert "share_ended" in Parcel.objects.latest("id").content.body
    else:
        arrives({"note": "share_ended", "reference": row.reference})
    row.refresh_from_db()
    assert (row.state, row.ended_why) == ("ended", side)
    assert ask(browser_of(None), row.reference).status_code == 404


@proves("neighbours.share_h")
def test_it_is_shared_for_no_longer_than_the_city_allows(
    proposed: Callable[..., Share], put: Callable[[str, float], None]
) -> None:
    put("neighbours.share_h", 3)
    for hours in (3.5, 0, -1):
        with pytest.raises(Invalid):
            proposed(hours=hours)
    proposed(hours=3)


def test_what_they_offer_is_read_only_after_somebody_here_accepts(
    centre: Centre, actor: Callable[[str], Actor], browser_of: Callable[..., Client]
) -> None:
    offer = {"note": "share_offer", "reference": "share-1", "parts": ["state", "x"], "hours": 2}
    assert arrives(offer | {"title": "#7 Banjir"}).error == ""
    row = Share.objects.get()
    assert row.wanted_at is None and [a.owner for a in alarms("share_in")] == ["supervisor"]
    with pytest.raises(Refused):
        actions.want_share(row.pk, actor=actor("dispatcher"))
    client = browser_of("dispatcher")
    assert "#7 Banjir" in client.get(f"/neighbours/shares/{row.pk}").text
    client.post(f"/neighbours/shares/{row.pk}/accept", {"version": row.version})
    row.refresh_from_db()
    assert row.state == "shared" and row.wanted_at == clock.now()
    actions.note_fetched(row.pk, Record(id="share-1", status="Siaga 2"), actor=TIMER)
    assert "Siaga 2" in client.get(f"/neighbours/shares/{row.pk}").text
    row.refresh_from_db()
    assert row.wanted_at is None and record_of(row) is not None


def test_a_share_is_read_by_link_where_the_centre_has_no_address(
    proposed: Callable[..., Share],
    second: Actor,
    actor: Callable[[str], Actor],
    browser_of: Callable[..., Client],
) -> None:
    agreed(url="")
    row = proposed()
    actions.approve_share(row.pk, actor=second)
    actions.note_share(row.pk, accepted=True, by="Piket", actor=actor("dispatcher"))
    page = browser_of("dispatcher").get(f"/neighbours/shares/{row.pk}").text
    address = "/limpahan/" + page.partition("/limpahan/")[2].partition("<")[0]
    code = {"code": SECRETS["access_code"]}
    assert "Doho" not in browser_of(None).post(address, code).text
    actions.end_share(row.pk, actor=actor("dispatcher"))
    assert browser_of(None).post(address, code).status_code == 404


def test_the_screens_of_all_three_are_there(
    shared: Callable[..., Share],
    asked: Callable[..., Aid],
    fire: Incident,
    browser_of: Callable[..., Client],
) -> None:
    row, wish = shared(), asked()
    boss = browser_of("supervisor")
    page = boss.get("/neighbours").text
    assert f"/neighbours/shares/{row.pk}" in page and f"/neighbours/aid/{wish.pk}" in page
    for address in (f"shares/{row.pk}", f"aid/{wish.pk}"):
        assert boss.get(f"/neighbours/{address}").status_code == 200
    assert "Kabupaten Kediri" in boss.get(f"/incidents/{fire.pk}").text
    for nothing in ("shares/999", "nothing/1", f"aid/{wish.pk}/dance"):
        assert boss.post(f"/neighbours/{nothing}").status_code in (404, 405)
    form = {"centre": "kab_kediri", "capability": ability(), "count": "x", "reason": "other"}
    assert boss.post("/neighbours/ask", form).status_code == 400
    assert boss.post("/neighbours/ask", form | {"count": 200}).status_code == 400


def test_a_shared_record_is_an_eido_of_ours(fire: Incident) -> None:
    from sigap.neighbours.queries import record_of_incident

    assert as_bytes(compose(record_of_incident(fire, reference="x"))).startswith(b'{"$id":"x"')
