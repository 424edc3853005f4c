"""Drawn calls: by lot, scored on the city's form, read by those who took them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls import quality
from sigap.calls.models import Call, Criterion, Review, Scoring
from sigap.calls.retention import erase_expired
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import define, set_parameter
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Refused
from sigap.core.models import Journal, Text

TIMER = system("timer")
CODES = ("greeting", "address_first", "listened", "calm")
CODES += ("right_class", "right_priority", "safe_advice", "closing")
BEST = dict.fromkeys(CODES, "yes") | {"listened": "5", "calm": "5"}
WORST = dict.fromkeys(CODES, "no") | {"listened": "1", "calm": "1"}


@pytest.fixture(autouse=True)
def all_drawn(actor: Callable[[str], Actor]) -> None:
    """Every call is drawn."""
    set_parameter("quality.sample_percent", 100, actor=actor("administrator"))


@pytest.fixture
def drawn(answered: Callable[..., Call], actor: Callable[[str], Actor]) -> Callable[..., Review]:
    """A closed call of the call taker, drawn for scoring."""

    def make() -> Review:
        call = answered()
        calls.close_call(call.pk, "information", actor=actor("call_taker"), note="catatan")
        return Review.objects.get(call=call)

    return make


# --- the draw -------------------------------------------------------------------------


def test_a_call_is_drawn_when_it_is_closed(
    drawn: Callable[..., Review],
    actor: Callable[[str], Actor],
    journal: Callable[[], list[str]],
) -> None:
    review = drawn()
    assert (review.state, review.operator_id) == ("drawn", actor("call_taker").user_id)
    assert journal()[-2:] == ["call.close", "call.sampled"]
    row = Journal.objects.get(kind="call.sampled")
    assert row.body == {"operator": review.operator_id, "percent": 100.0}


def test_none_is_drawn_at_no_percent_and_a_share_at_a_share(
    ring: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    found = [Call(source="pbx", external_id=f"x{n}", pk=n) for n in range(5000)]
    assert not any(quality.is_drawn(call, 0) for call in found)
    share = [call.pk for call in found if quality.is_drawn(call, 2)]
    assert 50 < len(share) < 160  # 100 expected
    assert share == [call.pk for call in found if quality.is_drawn(call, 2)]
    assert set(share) < {call.pk for call in found if quality.is_drawn(call, 10)}


def test_only_what_an_operator_answered_is_drawn(
    ring: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    taker = actor("call_taker")
    entered = calls.enter_call(actor=taker)
    calls.close_call(entered.pk, "information", actor=taker)
    lost = ring()
    calls.report_event(
        "ended", source="pbx", external_id=lost.external_id or "", at=clock.now(), actor=TIMER
    )
    calls.report_call_back(lost.pk, reached=True, actor=taker)
    calls.close_call(lost.pk, "information", actor=taker)
    assert not Review.objects.exists()


def test_correcting_the_class_draws_no_call_twice(
    drawn: Callable[..., Review], actor: Callable[[str], Actor]
) -> None:
    review = drawn()
    calls.reclassify_call(review.call_id, "prank", actor=actor("call_taker"))
    assert Review.objects.count() == 1


# --- scoring --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "percent"),
    [
        (BEST, 100),
        (WORST, 0),
        (BEST | {"safe_advice": "na"}, 100),
        (WORST | {"greeting": "yes"}, 5.6),  # 1 of 18
        (BEST | {"listened": "3"}, 94.4),  # half of 2 lacks
        (dict.fromkeys(CODES, "na") | {"calm": "4"}, 75),
    ],
)
def test_the_score_is_the_weighted_mean_of_what_applies(
    drawn: Callable[..., Review],
    actor: Callable[[str], Actor],
    answers: dict[str, str],
    percent: float,
) -> None:
    scoring = calls.score_call(drawn().pk, answers, actor=actor("supervisor"))
    assert scoring.percent == percent


@pytest.mark.parametrize(
    "answers", [{}, BEST | {"calm": ""}, BEST | {"calm": "6"}, dict.fromkeys(CODES, "na")]
)
def test_a_form_with_a_gap_is_not_taken(
    drawn: Callable[..., Review], actor: Callable[[str], Actor], answers: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        calls.score_call(drawn().pk, answers, actor=actor("supervisor"))
    assert not Scoring.objects.exists() and Review.objects.get().state == "drawn"


def test_a_correction_needs_a_reason_and_both_scores_stay(
    drawn: Callable[..., Review], actor: Callable[[str], Actor]
) -> None:
    review, boss = drawn(), actor("supervisor")
    calls.score_call(review.pk, WORST, note="kurang", actor=boss)
    with pytest.raises(Invalid):
        calls.score_call(review.pk, BEST, actor=boss)
    calls.score_call(review.pk, BEST, reason="misheard", note="ternyata baik", actor=boss)
    first, second = review.scorings.order_by("id")
    assert (first.percent, second.percent, second.reason) == (0, 100, "misheard")
    rows = Journal.objects.filter(subject=f"review:{review.pk}").order_by("seq")
    assert [(row.kind, row.body["percent"]) for row in rows] == [
        ("review.score", 0.0),
        ("review.correct", 100.0),
    ]
    found = quality.last_scoring(review)
    assert found and found.percent == 100


def test_two_supervisors_do_not_score_over_each_other(
    drawn: Callable[..., Review], actor: Callable[[str], Actor]
) -> None:
    review = drawn()
    calls.score_call(review.pk, BEST, version=review.version, actor=actor("supervisor"))
    with pytest.raises(Conflict):
        calls.score_call(
            review.pk, WORST, reason="other", version=review.version, actor=actor("supervisor")
        )


def test_an_old_score_keeps_the_form_as_it_was(
    drawn: Callable[..., Review], actor: Callable[[str], Actor]
) -> None:
    old, new, boss = drawn(), drawn(), actor("supervisor")
    calls.score_call(old.pk, BEST, actor=boss)
    admin = actor("administrator")
    define(Criterion, key={"code": "calm"}, text="Lain", text_en="Other", actor=admin)
    define(Criterion, key={"code": "closing"}, active=False, actor=admin)
    define(
        Criterion,
        key={"code": "name"},
        text="Menyebut nama",
        text_en="Said the name",
        kind="yes_no_na",
        weight=1,
        actor=admin,
    )
    assert [q["code"] for q in quality.form_of(old)] == list(CODES)
    assert {q["code"] for q in quality.form_of(new)} == {*CODES, "name"} - {"closing"}
    texts = {q["code"]: q["text"] for q in quality.form_of(old)}
    assert texts["calm"] == "Tetap tenang dan menenangkan pelapor"
    calls.score_call(old.pk, WORST, reason="misheard", actor=boss)
    with pytest.raises(Invalid):
        calls.score_call(new.pk, BEST, actor=boss)
    calls.score_call(new.pk, BEST | {"name": "yes"}, actor=boss)


def test_nobody_scores_the_own_calls(
    ring: Callable[..., Call],
    actor: Callable[[str], Actor],
    browser_of: Callable[[str | None], Client],
) -> None:
    boss = actor("supervisor")
    call = calls.take_call(ring().pk, actor=boss)
    calls.close_call(call.pk, "information", actor=boss)
    review = Review.objects.get()
    with pytest.raises(Refused):
        calls.score_call(review.pk, BEST, actor=boss)
    page = browser_of("supervisor").get(f"/quality/{review.pk}").content.decode()
    assert '<form method="post" action="/quality/' not in page


@pytest.mark.parametrize("role", ["call_taker", "dispatcher", "administrator", "evaluator"])
def test_only_supervisors_score(
    drawn: Callable[..., Review], actor: Callable[[str], Actor], role: str
) -> None:
    with pytest.raises(Forbidden):
        calls.score_call(drawn().pk, BEST, actor=actor(role))


def test_a_supervisor_scores_on_the_page(
    drawn: Callable[..., Review], browser_of: Callable[[str | None], Client]
) -> None:
    review, browser = drawn(), browser_of("supervisor")
    assert f"/quality/{review.pk}" in browser.get("/quality").content.decode()
    page = browser.get(f"/quality/{review.pk}").content.decode()
    assert page.count("<fieldset") == len(CODES) and "catatan" in page
    given = {f"q-{code}": answer for code, answer in BEST.items()} | {"version": review.version}
    lacking = browser.post(f"/quality/{review.pk}/score", given | {"q-calm": "", "note": "jaga"})
    assert lacking.status_code == 400
    assert lacking.content.decode().count("checked") == len(CODES) - 1
    assert "jaga" in lacking.content.decode()
    answer = browser.post(f"/quality/{review.pk}/score", given | {"note": "bagus"})
    assert (answer.status_code, answer["Location"]) == (302, "/quality")
    scoring = Scoring.objects.get()
    assert (scoring.percent, scoring.note and scoring.note.body) == (100, "bagus")
    page = browser.get("/quality").content.decode()
    assert "Call Taker" in page and f"Open {review.pk}" not in page
    again = browser.post(f"/quality/{review.pk}/score", given | {"version": "1"})
    assert again.status_code == 400  # a correction without its reason
    browser.post(f"/quality/{review.pk}/score", given | {"reason": "objection", "version": "1"})
    assert Scoring.objects.count() == 2


def test_the_page_tells_who_looked_at_the_call(
    drawn: Callable[..., Review], browser_of: Callable[[str | None], Client]
) -> None:
    review = drawn()
    browser_of("supervisor").get(f"/quality/{review.pk}")
    row = Journal.objects.get(kind="person.opened", subject=f"call:{review.call_id}")
    assert row.body == {"screen": "quality"}


# --- results, and those whom they are about -------------------------------------------


def test_results_are_by_operator_and_few_are_said_to_be_few(
    drawn: Callable[..., Review], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    boss = actor("supervisor")
    for answers in (WORST, BEST, BEST | {"listened": "na"}):
        calls.score_call(drawn().pk, answers, actor=boss)
    drawn()  # not scored: does not count
    (result,) = quality.results(clock.now())
    assert (result.n, round(result.mean, 1), result.few) == (3, 66.7, True)
    assert result.change is None
    assert (result.by_question("listened"), result.by_question("unknown")) == (50, None)
    for answers in [WORST] * 2 + [BEST] * 5:
        calls.score_call(drawn().pk, answers, actor=boss)
    (result,) = quality.results(clock.now())
    assert (result.n, result.few, result.change) == (10, False, 60)
    time.forward(10)
    assert quality.results(clock.now()) == []


def test_an_operator_sees_the_own_scores_only_and_answers(
    drawn: Callable[..., Review],
    actor: Callable[[str], Actor],
    browser_of: Callable[[str | None], Client],
    journal: Callable[[], list[str]],
) -> None:
    review, unscored = drawn(), drawn()
    calls.score_call(review.pk, BEST, note="pertahankan", actor=actor("supervisor"))
    browser = browser_of("call_taker")
    page = browser.get("/quality/mine").content.decode()
    assert "pertahankan" in page and f'id="review-{review.pk}"' in page
    assert f'id="review-{unscored.pk}"' not in page
    assert "pertahankan" not in browser_of("supervisor").get("/quality/mine").content.decode()
    answer = browser.post(f"/quality/{review.pk}/acknowledge", {"reply": "terima kasih"})
    assert answer.status_code == 302
    review.refresh_from_db()
    assert (review.state, review.reply and review.reply.body) == ("acknowledged", "terima kasih")
    assert journal()[-1] == "review.acknowledge"
    page = browser_of("supervisor").get(f"/quality/{review.pk}").content.decode()
    assert "terima kasih" in page
    calls.score_call(review.pk, WORST, reason="objection", actor=actor("supervisor"))
    review.refresh_from_db()
    assert review.state == "scored"  # to be read once more


def test_nobody_answers_for_another(
    drawn: Callable[..., Review], actor: Callable[[str], Actor]
) -> None:
    review = drawn()
    calls.score_call(review.pk, BEST, actor=actor("supervisor"))
    other = create_user(
        "colleague",
        name="Rekan",
        password="kata sandi uji coba",
        roles=["call_taker"],
        actor=actor("administrator"),
        must_change_password=False,
    )
    for somebody in (of_user(other), actor("supervisor")):
        with pytest.raises(Forbidden):
            calls.acknowledge_review(review.pk, actor=somebody)
    with pytest.raises(Refused):
        calls.acknowledge_review(drawn().pk, actor=actor("call_taker"))


def test_the_administrator_writes_the_form(
    browser_of: Callable[[str | None], Client], journal: Callable[[], list[str]]
) -> None:
    browser = browser_of("administrator")
    page = browser.get("/admin/criteria").content.decode()
    assert "Menyapa dengan salam baku 112" in page
    given: dict[str, Any] = {
        "code": "name",
        "text": "Menyebut nama",
        "text_en": "Said the name",
        "kind": "one_to_five",
        "weight": "4",
        "rank": "9",
        "active": "on",
    }
    assert browser.post("/admin/criteria/add", given | {"weight": "11"}).status_code == 400
    assert browser.post("/admin/criteria/add", given).status_code == 302
    assert quality.form_now()[-1]["code"] == "name"
    assert journal()[-1] == "config.changed"


def test_the_notes_of_a_score_are_erased_with_the_words_of_its_call(
    drawn: Callable[..., Review], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    review = drawn()
    calls.score_call(review.pk, BEST, note="pertahankan", actor=actor("supervisor"))
    calls.acknowledge_review(review.pk, reply="siap", actor=actor("call_taker"))
    time.forward(1826 * 24 * 3600)
    erase_expired(actor=TIMER)
    words = Text.objects.filter(subject=f"review:{review.pk}")
    assert words.count() == 2 and not words.exclude(body="").exists()
    assert quality.results(clock.now() - (clock.now() - review.drawn_at))[0].n == 1
