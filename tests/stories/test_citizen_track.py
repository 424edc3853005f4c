"""What a citizen sees of their report, what they may do about it, and what nobody sees."""

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext as _

from sigap.complaints import actions as complaints
from sigap.complaints.files import checked
from sigap.complaints.models import Category, Complaint, Referral
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import define
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Forbidden, Refused
from sigap.core.logs import Line
from sigap.core.models import Journal, ReasonCode, Text
from sigap.places.queries import city
from sigap.public import pace, published
from sigap.public.uploads import Uploads
from sigap.public.views import listing, track
from sigap.public.words import state_words

from .test_citizen_report import photo, picture

WEB, SETUP = system("web"), system("setup")
DAY = 24 * 3600
Who = Callable[[str], Actor]
# Marked words: each must be read only where it says.
WORDS, PLACE, NAME, NUMBER = "Lampuxx mati", "Gangxx tiga", "Srixx", "081234567890"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files of their own, and nobody has come before."""
    changed = settings.ENV.model_copy(update={"data_dir": tmp_path})
    monkeypatch.setattr(settings, "ENV", changed)
    pace._counted.storage.reset()
    yield
    pace._counted.storage.reset()


@pytest.fixture
def desk(actor: Who) -> Actor:
    """Who sorts and sends."""
    return actor("call_taker")


@pytest.fixture
def officer(db: None) -> Actor:
    """Somebody of the agency that keeps the street lights."""
    person = create_user(
        "pju1",
        name="Petugasxx",
        password="kata sandi uji coba",
        roles=["agency"],
        agency="dishub",
        actor=SETUP,
    )
    return of_user(person)


def filed(**more: object) -> Complaint:
    told = {"channel": "web", "body": WORDS, "address": PLACE, "name": NAME, "number": NUMBER}
    told |= {"category": "pju", "area": next(iter(city().areas))}
    return complaints.file_complaint(actor=WEB, **(told | more))  # type: ignore[arg-type]


def sent(desk: Actor, **more: object) -> Complaint:
    """One that the agency has."""
    complaint = filed(**more)
    return complaints.dispose_complaint(complaint.pk, ["dishub"], actor=desk)


def referral(complaint: Complaint) -> Referral:
    return Referral.objects.get(complaint=complaint)


def done(desk: Actor, officer: Actor, **more: object) -> Complaint:
    """One whose answer was checked."""
    complaint = sent(desk, **more)
    complaints.answer_referral(referral(complaint).pk, answer="Sudah digantixx", actor=officer)
    return complaints.approve_answer(complaint.pk, actor=desk)


def publish(how: str) -> None:
    kind = Category.objects.get(code="pju")
    fields = {"name": kind.name, "name_en": kind.name_en, "group": kind.group}
    define(Category, key={"code": "pju"}, actor=SETUP, agency=kind.agency, publish=how, **fields)


def attach(complaint: Complaint, actor: Actor, size: int, role: str = "evidence") -> str:
    """A photo; its name."""
    file = checked(picture((size, size)))
    name = complaints.store(file)
    complaints.attach_file(complaint.pk, file, name, actor=actor, role=role)
    return name


def read(client: Client, complaint: Complaint) -> str:
    answer = client.get(f"/lacak/{complaint.token}")
    assert answer.status_code == 200
    return answer.content.decode()


def say(client: Client, complaint: Complaint, what: str, **more: object) -> int:
    return client.post(f"/lacak/{complaint.token}", {"do": what} | more).status_code


# --- what is shown --------------------------------------------------------------------


def test_the_whole_way_is_read_in_words(
    client: Client, desk: Actor, officer: Actor, time: clock.Frozen
) -> None:
    complaint = filed()
    own = attach(complaint, WEB, 50)
    html = read(client, complaint)
    assert WORDS in html and PLACE in html and own in html
    assert state_words("filed") in html
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=desk)
    one = referral(complaint)
    complaints.accept_referral(one.pk, actor=officer)
    complaints.plan_referral(one.pk, plan="Ganti lampuxx besok", actor=officer)
    complaints.report_progress(one.pk, note="Lampuxx dibeli", actor=officer)
    going = attach(complaint, officer, 51, "progress")
    html = read(client, complaint)
    assert "Ganti lampuxx besok" in html and "Lampuxx dibeli" in html and going in html
    before, after = (
        attach(complaint, officer, 52 + n, r) for n, r in enumerate(("before", "after"))
    )
    complaints.answer_referral(one.pk, answer="Sudah digantixx", actor=officer)
    html = read(client, complaint)
    assert "digantixx" not in html and before not in html and after not in html
    complaints.approve_answer(complaint.pk, actor=desk)
    html = read(client, complaint)
    assert "digantixx" in html and before in html and after in html


def test_the_deadline_is_said_in_words(client: Client, desk: Actor, time: clock.Frozen) -> None:
    complaint = filed()
    assert "Kamis, 5 November" in read(client, complaint), "three working days after Monday"
    complaints.dispose_complaint(complaint.pk, ["dishub"], actor=desk)
    assert "Jumat, 20 November" in read(client, complaint)
    time.forward(30 * DAY)
    html = read(client, complaint)
    late = _("This should have happened by %(day)s. The supervisor and the agency know it.")
    assert late % {"day": "Jumat, 20 November"} in html


def test_an_answer_that_was_sent_back_is_never_read(
    client: Client, desk: Actor, officer: Actor
) -> None:
    complaint = sent(desk)
    one = referral(complaint)
    complaints.answer_referral(one.pk, answer="Jawaban burukxx", actor=officer)
    complaints.refuse_answer(complaint.pk, note="Kurang fotoxx", actor=desk)
    complaints.answer_referral(one.pk, answer="Jawaban baikxx", actor=officer)
    complaints.approve_answer(complaint.pk, actor=desk)
    html = read(client, complaint)
    assert "baikxx" in html and "burukxx" not in html and "Kurang fotoxx" not in html


def test_nothing_of_the_inside_is_shown(client: Client, desk: Actor, officer: Actor) -> None:
    complaint = sent(desk)
    complaints.add_note(complaint.pk, "Catatan dalamxx", actor=desk)
    inside = attach(complaint, officer, 60)
    complaints.tell_citizen(complaint.pk, "Kami cari tiangnyaxx", actor=desk)
    complaints.refuse_referral(
        referral(complaint).pk, reason="other_agency", note="Bukan kamixx", actor=officer
    )
    html = read(client, complaint)
    assert "tiangnyaxx" in html
    for hidden in (
        "dalamxx",
        "Bukan kamixx",
        NAME,
        "81234567890",
        "3456-7890",
        "Petugasxx",
        inside,
    ):
        assert hidden not in html
    assert client.get(f"/lacak/{complaint.token}/foto/{inside}").status_code == 404


def test_what_is_joined_with_another_shows_how_that_one_stands_and_no_word_of_its_reporter(
    client: Client, desk: Actor, officer: Actor
) -> None:
    main = done(desk, officer)
    theirs = attach(main, WEB, 70)
    mine = filed(body="Punyakuxx juga mati", address="Rumahkuxx")
    Complaint.objects.filter(pk=mine.pk).update(state="attached", attached_to=main)
    complaints.add_words(main.pk, "Tambahanxx rahasia", actor=WEB)
    after = attach(main, officer, 71, "progress")
    html = read(client, mine)
    assert "Punyakuxx" in html and "digantixx" in html and after in html
    for other in (WORDS, PLACE, "Tambahanxx", theirs, main.number, main.token):
        assert other not in html
    assert client.get(f"/lacak/{mine.token}/foto/{after}").status_code == 200
    assert client.get(f"/lacak/{mine.token}/foto/{theirs}").status_code == 404


def test_the_page_is_for_nobody_else(client: Client) -> None:
    complaint = filed()
    answer = client.get(f"/lacak/{complaint.token}")
    assert "noindex" in answer["X-Robots-Tag"] and answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] in ("same-origin", "no-referrer")


@pytest.mark.parametrize("token", ["x", "a" * 32, "%00", "..%2f..", "é"])
def test_an_unknown_link_is_a_page_that_helps(client: Client, token: str) -> None:
    answer = client.get(f"/lacak/{token}")
    assert answer.status_code == 404
    if "/" not in answer.wsgi_request.path.removeprefix("/lacak/"):
        assert 'href="/lapor"' in answer.content.decode()


# --- by the number --------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{}", " {} ", "low"])
def test_by_its_number_one_reads_how_it_stands_and_nothing_of_a_person(
    client: Client, desk: Actor, typed: str
) -> None:
    complaint = sent(desk)
    number = complaint.number
    asked = number.lower().replace("-", "") if typed == "low" else typed.format(number)
    answer = client.get("/lacak", {"nomor": asked})
    html = answer.content.decode()
    assert answer.status_code == 200 and "Penerangan jalan" in html and "20 November" in html
    for hidden in (WORDS, PLACE, NAME, "81234567890", complaint.token):
        assert hidden not in html


@pytest.mark.parametrize("number", ["AAAA-AAAA", "x", "<script>", "0" * 500, "\x00"])
def test_a_number_of_nothing_says_so(client: Client, number: str) -> None:
    answer = client.get("/lacak", {"nomor": number})
    assert answer.status_code in (200, 404) and "<script>" not in answer.content.decode()


def test_a_confidential_report_has_no_page_by_its_number(client: Client) -> None:
    complaint = filed(secret=True)
    wrong = client.get("/lacak", {"nomor": "AAAA-AAAA"})
    right = client.get("/lacak", {"nomor": complaint.number})
    assert right.status_code == wrong.status_code == 404
    assert "Penerangan" not in right.content.decode()


def test_nobody_tries_numbers_for_long(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "MOST_LOOKS", "3/hour")
    number = filed().number
    answers = [client.get("/lacak", {"nomor": number}).status_code for _n in range(4)]
    assert answers == [200, 200, 200, 429]


# --- what the citizen does ------------------------------------------------------------


def test_words_and_a_photo_are_added_once_in_whatever_state(
    client: Client, desk: Actor, officer: Actor, journal: Callable[[], list[str]]
) -> None:
    complaint = done(desk, officer)
    complaints.confirm_complaint(complaint.pk, actor=WEB)
    for _twice in range(2):
        assert say(client, complaint, "add", words="Nomornya K-1xx", photos=photo()) == 302
    html = read(client, complaint)
    assert html.count("Nomornya K-1xx") == 1 and complaint.attachments.count() == 1
    assert journal().count("complaint.words") == 1


def test_the_question_is_read_and_answered_and_the_clocks_go_on(
    client: Client, desk: Actor, time: clock.Frozen
) -> None:
    complaint = sent(desk)
    due = complaint.solve_due_at
    complaints.hold_complaint(
        complaint.pk, reason=_reason("hold"), question="Tiang manaxx?", actor=desk
    )
    html = read(client, complaint)
    assert "Tiang manaxx?" in html and 'value="answer"' in html
    time.forward(7 * DAY)
    for _twice in range(2):
        assert say(client, complaint, "answer", words="Yang ketigaxx") == 302
    complaint.refresh_from_db()
    assert complaint.state == "in_progress" or complaint.state == "disposed"
    assert complaint.solve_due_at and due and complaint.solve_due_at > due
    assert Text.objects.filter(subject=f"complaint:{complaint.pk}", field="words").count() == 1
    assert 'value="answer"' not in read(client, complaint)


def test_the_link_of_a_report_is_in_no_log(desk: Actor) -> None:
    complaint, lines = sent(desk), io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Line("%(name)s: %(message)s"))
    logging.getLogger("django").addHandler(handler)
    try:
        # A form that was open for too long, and a database that is away.
        answer = Client(enforce_csrf_checks=True).post(f"/lacak/{complaint.token}", {"do": "add"})
        assert answer.status_code == 403
        path = f"/open311/v2/tokens/{complaint.token}.json"
        logging.getLogger("django.request").error("%s: %s", "Service Unavailable", path)
    finally:
        logging.getLogger("django").removeHandler(handler)
    told = lines.getvalue()
    assert "/lacak/" in told and "Service Unavailable" in told
    assert complaint.token not in told


def test_two_presses_at_the_same_moment_are_one(desk: Actor, officer: Actor) -> None:
    complaint = done(desk, officer)
    as_both_saw_it = Complaint.objects.get(pk=complaint.pk)
    for _press in range(2):
        track._do(as_both_saw_it, {"do": "confirm", "words": "", "score": "5"}, Uploads())
    assert Complaint.objects.get(pk=complaint.pk).score == 5


def test_a_photo_is_an_answer_too(client: Client, desk: Actor) -> None:
    complaint = filed()
    complaints.hold_complaint(complaint.pk, reason=_reason("hold"), question="Foto?", actor=desk)
    assert say(client, complaint, "answer", photos=photo()) == 302
    complaint.refresh_from_db()
    assert complaint.state == "filed" and complaint.attachments.count() == 1


def test_the_citizen_confirms_with_a_mark(client: Client, desk: Actor, officer: Actor) -> None:
    complaint = done(desk, officer)
    assert [say(client, complaint, "confirm", score="4") for _n in range(2)] == [302, 302]
    complaint.refresh_from_db()
    assert (complaint.state, complaint.score) == ("closed", 4)


def test_the_citizen_contests_once_and_says_why(
    client: Client, desk: Actor, officer: Actor
) -> None:
    complaint = done(desk, officer)
    assert say(client, complaint, "contest", why=" ") == 400
    for _twice in range(2):
        assert say(client, complaint, "contest", why="Masih matixx", photos=photo()) == 302
    complaint.refresh_from_db()
    assert (complaint.state, complaint.contests) == ("contested", 1)
    html = read(client, complaint)
    assert "Masih matixx" in html and "digantixx" in html
    complaints.answer_referral(referral(complaint).pk, answer="Kedua", actor=officer)
    complaints.approve_answer(complaint.pk, actor=desk)
    assert 'value="contest"' not in read(client, complaint)
    answer = client.post(f"/lacak/{complaint.token}", {"do": "contest", "why": "Lagixx"})
    assert answer.status_code == 409


def test_what_was_closed_without_a_word_can_still_be_rated(
    client: Client, desk: Actor, officer: Actor, time: clock.Frozen
) -> None:
    complaint = done(desk, officer)
    time.forward(40 * DAY)
    complaints.close_unanswered(actor=SETUP)
    assert 'value="rate"' in read(client, complaint)
    assert say(client, complaint, "rate", score="9") == 400
    assert [say(client, complaint, "rate", score="5") for _n in range(2)] == [302, 302]
    assert 'value="5" checked' in read(client, complaint)
    assert say(client, complaint, "rate", score="3") == 302  # thinking better of it
    time.forward(15 * DAY)
    assert say(client, complaint, "rate", score="1") == 409
    complaint.refresh_from_db()
    assert complaint.score == 3 and 'value="rate"' not in read(client, complaint)


@pytest.mark.parametrize("what", ["add", "answer", "confirm", "contest", "rate", "", "archive"])
def test_a_button_out_of_turn_changes_nothing_and_keeps_the_words(
    client: Client, what: str
) -> None:
    complaint = filed()
    if what in ("add", "answer"):
        sent_on: dict[str, object] = {"words": "a" * 4001}
    else:
        sent_on = {"words": "Kata-kataxx", "why": "Sebabxx", "score": "3"}
    answer = client.post(f"/lacak/{complaint.token}", {"do": what} | sent_on)
    assert answer.status_code in (400, 409)
    assert str(sent_on["words"]) in answer.content.decode()
    complaint.refresh_from_db()
    assert complaint.state == "filed"


def test_one_report_is_not_written_full(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "MOST_ADDED", "2/hour")
    complaint = filed()
    answers = [say(client, complaint, "add", words=f"Kata {n}") for n in range(3)]
    assert answers == [302, 302, 429]


# --- photos ---------------------------------------------------------------------------


def test_a_photo_is_had_by_its_own_link_only(client: Client) -> None:
    one, other = filed(), filed(external_id="x")
    name = attach(one, WEB, 80)
    answer = client.get(f"/lacak/{one.token}/foto/{name}")
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store"
    assert client.get(f"/lacak/{other.token}/foto/{name}").status_code == 404
    assert client.get(f"/lacak/{'x' * 32}/foto/{name}").status_code == 404
    assert client.get(f"/lacak/{one.token}/foto/{name}x").status_code == 404


def test_a_photo_that_came_by_a_program_is_the_citizens_too(client: Client) -> None:
    complaint = filed(channel="open311")
    name = attach(complaint, Actor(code="key:1"), 81)
    assert name in read(client, complaint)


# --- the public list ------------------------------------------------------------------


def listed(client: Client, query: str = "") -> str:
    answer = client.get(f"/aduan{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_is_listed_unless_the_city_publishes_its_kind(client: Client, desk: Actor) -> None:
    one = sent(desk)
    complaints.release_text(one.pk, "Lampu mati di gang", actor=desk)
    assert f"aduan-{one.pk}" not in listed(client)
    publish("summary")
    html = listed(client)
    assert f"aduan-{one.pk}" in html and "Lampu mati di gang" not in html
    publish("full")
    assert "Lampu mati di gang" in listed(client)


def test_the_list_shows_no_words_before_a_person_has_released_them(
    client: Client, desk: Actor
) -> None:
    publish("full")
    one = sent(desk)
    html = listed(client)
    assert f"aduan-{one.pk}" in html and "2 November" in html
    for hidden in (WORDS, PLACE, NAME, "81234567890", one.token, one.number, str(one.lat)):
        assert hidden not in html
    complaints.release_text(one.pk, "Lampu <b>mati", actor=desk)
    assert "Lampu &lt;b&gt;mati" in listed(client)
    complaints.release_text(one.pk, "", actor=desk)
    assert "Lampu &lt;b&gt;mati" not in listed(client)


def test_only_the_desk_releases_words_and_never_of_a_confidential_report(
    desk: Actor, officer: Actor
) -> None:
    with pytest.raises(Forbidden):
        complaints.release_text(sent(desk).pk, "x", actor=officer)
    with pytest.raises(Refused):
        complaints.release_text(filed(secret=True, external_id="s").pk, "x", actor=desk)


def test_what_is_confidential_or_put_away_is_in_no_list(client: Client, desk: Actor) -> None:
    publish("full")
    secret = filed(secret=True)
    away = complaints.archive_complaint(filed().pk, reason=_reason("archive"), actor=desk)
    open_kind = filed(category="", body="Halo")
    html = listed(client)
    for one in (secret, away, open_kind):
        assert f"aduan-{one.pk}" not in html
        answer = client.post("/aduan/saya-juga", {"report": one.pk})
        assert answer.status_code == 404


def test_the_list_is_narrowed_and_goes_on_by_pages(
    client: Client, desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("summary")
    monkeypatch.setattr(published, "PAGE", 2)
    codes = list(city().areas)
    five = [filed(external_id=str(n), area=codes[n % 2]).pk for n in range(5)]
    seen: list[int] = []
    query = ""
    for _page in range(3):
        html = listed(client, query)
        seen += [pk for pk in five if f'aduan-{pk}"' in html]
        query = f"?setelah={seen[-1] if len(seen) % 2 else min(seen)}"
    assert sorted(seen) == five, "each once"
    assert f'aduan-{five[1]}"' not in listed(client, f"?kelurahan={codes[0]}")
    assert "aduan-" not in listed(client, "?kategori=pohon")
    for odd in ("?setelah=x", "?setelah=999999999999999999999", "?kategori=%00", "?setelah=²"):
        assert client.get(f"/aduan{odd}").status_code == 200


def test_me_too_counts_once_for_each_browser(
    client: Client, desk: Actor, journal: Callable[[], list[str]]
) -> None:
    publish("summary")
    one = sent(desk)
    for agent in ("A", "A", "B"):
        answer = client.post("/aduan/saya-juga", {"report": one.pk}, headers={"user-agent": agent})
        assert answer.status_code == 302
    one.refresh_from_db()
    assert one.supporters == 2 and journal().count("complaint.supported") == 2
    assert "127.0.0.1" not in str(list(Journal.objects.values("body", "actor")))


def test_who_presses_too_often_reads_why_on_a_page_for_citizens(
    client: Client, desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("summary")
    monkeypatch.setattr(listing, "MOST_SUPPORT", "1/hour")
    press = {"report": sent(desk).pk}
    assert client.post("/aduan/saya-juga", press).status_code == 302
    refused = client.post("/aduan/saya-juga", press)
    assert refused.status_code == 429
    assert 'href="/lapor"' in refused.text and "/sign-in" not in refused.text


def test_the_list_costs_few_statements(
    client: Client, desk: Actor, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    publish("full")
    for n in range(5):
        sent(desk, external_id=str(n))
    listed(client)
    with django_assert_max_num_queries(4):  # type: ignore[attr-defined]
        listed(client)


# --- anonim and rahasia ---------------------------------------------------------------


def test_neither_name_nor_number_of_anybody_is_on_any_public_page(
    client: Client, desk: Actor, officer: Actor
) -> None:
    publish("full")
    for n, (anonymous, secret) in enumerate([(a, s) for a in (0, 1) for s in (0, 1)]):
        one = done(
            desk, officer, external_id=str(n), anonymous=bool(anonymous), secret=bool(secret)
        )
        pages = [read(client, one), listed(client)]
        pages.append(client.get("/lacak", {"nomor": one.number}).content.decode())
        for html in pages:
            for word in (NAME, "81234567890", "3456", "Petugasxx", "Call Taker"):
                assert word not in html
        assert one.secret == (f"aduan-{one.pk}" not in pages[1])


def _reason(purpose: str) -> str:
    return ReasonCode.objects.filter(purpose=purpose, active=True).values_list("code", flat=True)[0]
