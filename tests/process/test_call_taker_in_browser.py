"""A call taker at work, in a real browser, on a served city whose telephone exchange rings."""

import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .asking import Exchange, Person, event, new_call, phone_tells
from .server import Server, until

OPEN = ("presented", "screening", "queued", "answered", "held", "wrap_up")
# The keys after F10, as on the other consoles of the country's 112 rooms.
CLASSES = {"1": "silent", "2": "prank", "3": "information"}
AT_A_SCHOOL = (-7.8228, 112.0119)
_callers = itertools.count(1)


@pytest.fixture
def ring(city: Server, colleague: Person) -> Iterator[Callable[..., int]]:
    """Lets the telephone ring; the call's number here. Nothing rings on after the test."""
    exchange = Exchange(city.url)

    def rung(number: str) -> int:
        call = new_call()
        events = [event(call, kind, number=number) for kind in ("presented", "gate_key", "queued")]
        assert [answer.status_code for answer in exchange.report(*events)] == [202, 202, 202]
        until(lambda: calls_of(colleague, number), 30, "the call never rang")
        return int(calls_of(colleague, number)[0]["id"])

    yield rung
    for call in colleague.get("/console/state")["calls"]:
        colleague.command(f"/calls/{call['id']}/take")
        colleague.command(f"/calls/{call['id']}/close", **{"class": "test", "confirm": True})


@pytest.fixture
def page(enter: Callable[..., Page]) -> Page:
    """The call taker's screen."""
    page = enter("call_taker")
    page.goto("/calls")
    expect(page.locator("#queue-count")).not_to_be_empty()
    return page


def new_caller() -> str:
    """A number that nobody has called from."""
    return f"0813{next(_callers):08}"


def calls_of(person: Person, number: str) -> list[dict[str, Any]]:
    """The open calls of a number."""
    calls = person.get("/console/state")["calls"]
    return [c for c in calls if (c["number"] or "").endswith(number[1:]) and c["state"] in OPEN]


def incident_of(person: Person, call: int) -> dict[str, Any]:
    """The incident that a call is about, as every console has it."""
    state = person.get("/console/state")
    [number] = [c["incident"] for c in state["calls"] if c["id"] == call]
    return next(row for row in state["incidents"] if row["id"] == number)


def class_of(person: Person, call: int) -> str:
    """The class of a call that was just closed."""
    return str({c["id"]: c["class"] for c in person.get("/calls/recent")["calls"]}[call])


def place_of(shown: Locator) -> tuple[int, int]:
    """Where it is, in whole pixels."""
    box = shown.bounding_box()
    assert box
    return round(box["x"]), round(box["y"])


def take(page: Page, call: int) -> None:
    """Take the call that rings."""
    expect(page.locator("#ringing li")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator("#call-head span", has_text=re.compile(rf" {call}$"))).to_be_visible()


def one_on_hold_and_one_on_the_line(page: Page, ring: Callable[..., int]) -> tuple[int, int]:
    """Two callers taken one after the other."""
    first = ring(new_caller())
    take(page, first)
    page.keyboard.press("F3")
    second = ring(new_caller())
    take(page, second)
    return first, second


def fill_in(page: Page, address: str) -> None:
    """The triage form of a fire that is out: its rules propose P3."""
    page.keyboard.press("F6")
    page.keyboard.type(address)
    page.select_option("#type", "kebakaran_bangunan")
    for key in "t3tt":  # inside: no; the fire: out; hurt: no; can spread: no
        page.keyboard.press(key)
    expect(page.locator("#proposal")).to_contain_text("KBG-5")


def test_a_ringing_call_is_taken_by_its_key_and_the_caller_is_known(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    number = new_caller()
    for _ in range(2):
        before = ring(number)
        colleague.command(f"/calls/{before}/take")
        colleague.command(f"/calls/{before}/close", **{"class": "silent"})
    call = ring(number)
    rings = page.locator("#ringing li")
    expect(rings).to_contain_text(f"{number[:4]}-{number[4:8]}-{number[8:]}")
    expect(rings).to_contain_text("2×")
    take(page, call)
    expect(page.locator("#mine li")).to_have_count(1)
    expect(page.locator("#earlier li")).to_have_count(2)
    expect(page.locator("#address")).to_be_focused()


def test_a_call_without_an_emergency_is_closed_by_one_key(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    for key, name in CLASSES.items():
        call = ring(new_caller())
        take(page, call)
        page.keyboard.press("F10")
        page.keyboard.press(key)
        expect(page.locator("#mine li")).to_have_count(0)
        assert class_of(colleague, call) == name


def test_who_hung_up_before_the_line_opened_is_rung_back_by_one_key(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    page.keyboard.press("F10")
    expect(page.locator("dialog.closing kbd", has_text=re.compile("^A$"))).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("#end").click()
    expect(page.locator("#end")).to_be_hidden()
    page.keyboard.press("F10")
    page.keyboard.press("a")
    expect(page.locator("#mine li")).to_have_count(0)
    owed = {c["id"]: c["state"] for c in colleague.get("/console/state")["callbacks"]}
    assert owed[call] == "callback_due"


def test_a_call_of_an_open_incident_is_called_a_prank_with_a_second_press_only(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Hasanudin 7")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    for left in (1, 0):
        page.keyboard.press("F10")
        page.keyboard.press("2")
        expect(page.locator("dialog.closing")).to_have_count(0)
        expect(page.locator("#mine li")).to_have_count(left)
        if left:
            expect(page.locator("#toasts .bad")).to_be_visible()


def test_the_phones_location_comes_by_itself_and_enters_the_form_by_its_key(
    page: Page, ring: Callable[..., int], colleague: Person, city: Server
) -> None:
    number = new_caller()
    call = ring(number)
    take(page, call)
    told, offer, place = (page.locator(at) for at in ("#phone", "#use-phone", "#place-words"))
    expect(offer).to_be_hidden()
    before = place_of(page.locator("#type"))
    assert phone_tells(city.url, number, *AT_A_SCHOOL, location_accuracy=900).status_code == 202
    expect(told).to_contain_text("±900 m")
    assert phone_tells(city.url, number, *AT_A_SCHOOL).status_code == 202
    expect(told).to_contain_text("±25 m · GPS · ")
    expect(offer).to_be_visible()
    assert place_of(page.locator("#type")) == before
    expect(place).not_to_contain_text("-7.82")  # nothing is taken by itself
    page.keyboard.press("Shift+F6")
    expect(place).to_contain_text("-7.8228, 112.0119")
    expect(page.locator("#area")).not_to_have_value("")
    expect(offer).to_be_hidden()
    fill_in(page, "dekat sekolah")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    made = incident_of(colleague, call)
    assert (made["lat"], made["lng"], made["location_source"]) == (*AT_A_SCHOOL, "handset")


def test_an_incident_is_opened_with_the_priority_that_its_questions_propose(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Dhoho 12")
    page.keyboard.press("F8")
    expect(page.locator("input[name=priority][value='3']")).to_be_checked()
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    made = incident_of(colleague, call)
    assert made["address"] == "Jl. Dhoho 12"
    assert (made["type"], made["suggested"], made["rule"]) == ("kebakaran_bangunan", 3, "KBG-5")
    assert made["priority"] == 3
    assert made["answers"] == {"inside": "no", "state": "out", "hurt": "no", "spread": "no"}


def test_the_operator_may_choose_otherwise_and_both_are_kept(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Pemuda 3")
    page.locator("#priorities label", has_text="P1").click()
    expect(page.locator("#differs")).not_to_be_empty()
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    made = incident_of(colleague, call)
    assert (made["suggested"], made["priority"]) == (3, 1)


def test_two_operators_do_not_overwrite_each_other(
    page: Page, ring: Callable[..., int], colleague: Person, city: Server
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "Jl. Brawijaya 1")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    page.fill("#address", "Jl. Brawijaya 40")
    page.fill("#chronology", "api di dapur")

    made = incident_of(colleague, call)
    other = Person(city.url, "dispatcher")
    theirs = {"address": "Jl. Brawijaya 14", "victims": 2}
    other.command(f"/incidents/{made['id']}/facts", version=made["v"], **theirs)
    expect(page.locator("#log")).to_contain_text("Pengendali")
    page.keyboard.press("F4")
    expect(page.locator("#form-error")).to_contain_text("Jl. Brawijaya 14")
    expect(page.locator("#address")).to_have_value("Jl. Brawijaya 40")
    assert incident_of(colleague, call)["address"] == "Jl. Brawijaya 14"

    page.keyboard.press("F4")
    expect(page.locator("#form-error")).to_be_empty()
    expect(page.locator("#unsaved")).to_be_empty()
    now = incident_of(colleague, call)
    assert (now["address"], now["victims"]) == ("Jl. Brawijaya 40", 2)
    words = colleague.get(f"/incidents/{made['id']}/timeline.json")["words"]
    assert words["chronology"] == "api di dapur"


def test_what_was_typed_for_a_caller_on_hold_outlives_the_call(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    held = ring(new_caller())
    take(page, held)
    page.fill("#chronology", "orang jatuh dari tangga")
    take(page, ring(new_caller()))
    expect(page.locator("#mine .state", has_text="Ditahan")).to_have_count(1)
    colleague.command(f"/calls/{held}/close", **{"class": "silent"})
    expect(page.locator("#toasts .bad")).to_be_visible()
    page.keyboard.press("F10")
    page.keyboard.press("1")
    expect(page.locator("#call-head span", has_text=re.compile(rf" {held}$"))).to_be_visible()
    expect(page.locator("#chronology")).to_have_value("orang jatuh dari tangga")


def test_a_call_that_is_taken_with_the_mouse_is_typed_into_at_once(
    page: Page, ring: Callable[..., int]
) -> None:
    call = ring(new_caller())
    page.locator("#ringing button").click()
    expect(page.locator("#call-head span", has_text=re.compile(rf" {call}$"))).to_be_visible()
    # The row stays where the pointer is, and becomes another one.
    expect(page.locator("#ringing li", has_text="Buka")).to_have_count(1)
    expect(page.locator("#address")).to_be_focused()
    page.keyboard.type("depan masjid")
    expect(page.locator("#address")).to_have_value("depan masjid")


def test_a_repeat_is_chosen_by_enter_and_the_dialog_stays_closed(
    page: Page, ring: Callable[..., int], open_incident: Callable[..., int], colleague: Person
) -> None:
    open_incident()
    call = ring(new_caller())
    take(page, call)
    page.locator("#close").click()
    page.keyboard.press("9")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#mine li")).to_have_count(0)
    expect(page.locator("#close-title")).to_have_count(0)
    assert class_of(colleague, call) == "repeat"


def test_a_choice_below_what_the_answers_now_propose_is_asked_about(
    page: Page, ring: Callable[..., int]
) -> None:
    take(page, ring(new_caller()))
    fill_in(page, "Jl. Berubah 1")
    page.keyboard.press("F8")
    page.locator("#questions input[value=yes]").first.check()
    expect(page.locator("#proposal")).to_contain_text("P1")
    page.keyboard.press("F4")
    expect(page.locator("#form-error")).to_contain_text("P1")
    expect(page.locator("#case")).to_be_hidden()
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()


def test_no_ring_moves_what_is_under_the_pointer(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    first, second = ring(new_caller()), ring(new_caller())
    rings = page.locator("#ringing li")
    expect(rings).to_have_count(2)
    button = rings.nth(1).locator("button")
    button.hover()
    before = place_of(button)
    colleague.command(f"/calls/{first}/take")
    expect(rings.nth(0).locator(".state")).to_be_visible()
    assert place_of(button) == before
    colleague.command(f"/calls/{first}/close", **{"class": "silent"})
    third = ring(new_caller())
    expect(page.locator("#arrived li")).to_have_count(1)
    expect(page.locator("#queue-new")).to_have_text(re.compile("^1 "))
    expect(rings.nth(0)).to_have_class(re.compile(r"\bover\b"))
    assert place_of(button) == before
    page.mouse.move(700, 700)
    expect(page.locator("#arrived li")).to_have_count(0)
    expect(rings).to_have_count(2)
    taken = [second, third]
    for call in taken:
        page.keyboard.press("F2")
        expect(page.locator("#call-head span", has_text=re.compile(rf" {call}$"))).to_be_visible()


def test_the_same_key_gives_the_same_class_to_a_closed_call(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    page.keyboard.press("F10")
    expect(page.locator("#close-title")).to_have_text(re.compile(rf" {call}, "))
    page.keyboard.press("1")
    expect(page.locator("#mine li")).to_have_count(0)
    page.locator("#recent-panel summary").click()
    row = page.locator("#recent li").first
    for key, name in (("2", "prank"), ("3", "information")):
        before = row.locator(".dim").text_content() or ""
        row.locator("button").click()
        expect(page.locator("#close-title")).to_have_text(re.compile(rf" {call}, "))
        page.keyboard.press(key)
        expect(row.locator(".dim")).not_to_have_text(before)
        assert class_of(colleague, call) == name


def test_a_real_call_that_was_closed_as_silent_gets_its_incident(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    page.keyboard.press("F10")
    page.keyboard.press("1")
    page.locator("#recent-panel summary").click()
    page.locator("#recent li").first.locator("button").click()
    page.keyboard.press("0")
    expect(page.locator("#address")).to_be_focused()
    fill_in(page, "Jl. Terlambat 1")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    assert class_of(colleague, call) == "emergency"
    page.keyboard.press("F10")
    expect(page.locator("#no-call")).to_be_visible()


def test_what_was_typed_is_kept_when_the_call_is_no_emergency(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    page.fill("#address", "Jl. Ragu 5")
    page.fill("#chronology", "bilang ada api, lalu tertawa")
    page.keyboard.press("F10")
    expect(page.locator("dialog q")).to_contain_text("Jl. Ragu 5")
    page.keyboard.press("2")
    expect(page.locator("#mine li")).to_have_count(0)
    [note] = colleague.get(f"/calls/{call}")["notes"]
    assert "Jl. Ragu 5" in note["text"] and "bilang ada api" in note["text"]


def test_after_a_merge_the_form_is_about_the_incident_that_carries_on(
    page: Page, ring: Callable[..., int], open_incident: Callable[..., int], colleague: Person
) -> None:
    known = open_incident("kebakaran_bangunan", address="Jl. Asli 1", reporter="Ibu Asli")
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "dekat sana")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    page.locator("#accept").focus()
    page.keyboard.press("F7")
    choose = page.locator("dialog.asking, dialog .asking")
    expect(choose).to_be_visible()
    option = choose.locator("label", has_text="Jl. Asli 1")
    if option.count():
        option.click()
    else:
        choose.locator("select").select_option(str(known))
    choose.locator("button.strong").click()
    expect(page.locator("#case")).to_contain_text(f"#{known}")
    expect(page.locator("#address")).to_have_value("Jl. Asli 1")
    expect(page.locator("#reporter")).to_have_value("Ibu Asli")
    page.fill("#victims", "2")
    page.keyboard.press("F4")
    expect(page.locator("#unsaved")).to_be_empty()
    rows = {row["id"]: row for row in colleague.get("/console/state")["incidents"]}
    assert (rows[known]["address"], rows[known]["victims"]) == ("Jl. Asli 1", 2)


def test_callers_on_hold_are_taken_in_turn_by_the_key_that_they_show(
    page: Page, ring: Callable[..., int]
) -> None:
    first, _second = one_on_hold_and_one_on_the_line(page, ring)
    mine = page.locator("#mine li")
    expect(mine.filter(has_text="⇧F3")).to_have_count(1)
    page.keyboard.press("Shift+F3")
    expect(page.locator("#call-head span", has_text=re.compile(rf" {first}$"))).to_be_visible()
    expect(mine.filter(has_text="⇧F3")).to_have_count(1)
    page.keyboard.press("F3")
    expect(mine.locator("kbd", has_text=re.compile("^F3$"))).to_have_count(1)
    expect(mine.locator("kbd", has_text=re.compile("^⇧F3$"))).to_have_count(1)


def test_a_caller_is_shown_once_they_are_not_on_hold_any_more(
    page: Page, ring: Callable[..., int]
) -> None:
    """The answer to a command may come before the news of it; F3 acts on what the screen shows."""
    first, second = one_on_hold_and_one_on_the_line(page, ring)
    shown = page.locator("#call-head span")
    page.route("**/resume", lambda route: route.fulfill(json={"ok": True}))
    with page.expect_response("**/resume"):
        page.keyboard.press("Shift+F3")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    expect(page.locator("#hold-text")).to_have_text("Lanjutkan")
    expect(shown.filter(has_text=re.compile(rf" {second}$"))).to_be_visible()
    page.unroute("**/resume")
    page.keyboard.press("Shift+F3")
    expect(shown.filter(has_text=re.compile(rf" {first}$"))).to_be_visible()
    expect(page.locator("#hold-text")).to_have_text("Tahan")


def test_an_incident_without_a_location_needs_a_second_press(
    page: Page, ring: Callable[..., int], colleague: Person
) -> None:
    call = ring(new_caller())
    take(page, call)
    fill_in(page, "")
    page.keyboard.press("F8")
    page.keyboard.press("F4")
    expect(page.locator("#form-error")).not_to_be_empty()
    expect(page.locator("#address")).to_be_focused()
    page.keyboard.press("F4")
    expect(page.locator("#case")).to_be_visible()
    assert incident_of(colleague, call)["area"] is None


def test_the_number_of_victims_is_asked_once(page: Page, ring: Callable[..., int]) -> None:
    take(page, ring(new_caller()))
    page.select_option("#type", "kecelakaan_lalin")
    page.fill("#victims", "7")
    expect(page.locator("[name=q-victims][value='4+']")).to_be_checked()
    page.locator("label", has=page.locator("[name=q-victims][value='2']")).click()
    expect(page.locator("#victims")).to_have_value("2")


def test_who_tries_the_sound_with_the_mouse_begins_with_enter_and_hears_the_next_page(
    enter: Callable[..., Page],
) -> None:
    page = enter("call_taker")
    page.goto("/start")
    page.locator("button[data-sound='3']").click()
    expect(page.locator("#sound-state.ok")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/calls$"))
    sounds = "import('/static/console/sounds.js').then(sounds => sounds.isUnlocked())"
    page.wait_for_function(f"() => {sounds}")
