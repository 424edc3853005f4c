"""A crew's phone whose network is cut in the middle of every act it can do."""

import io
import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from .asking import Person, send_units
from .browsing import axe, overhang, type_password, window
from .cities import City
from .server import PASSWORD, Server, running, until
from .wire import Wire

SMALL: ViewportSize = {"width": 360, "height": 640}
CLOCKS_DIFFER = timedelta(seconds=2)  # the offset is measured over a network
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def field(new_city: Callable[[], Server]) -> Iterator[Server]:
    """A city of its own: its only crew is that of AMB-01."""
    with running(new_city()) as server:
        yield server


@pytest.fixture(scope="module")
def wire(field: Server) -> Iterator[Wire]:
    """What the crew's phone reaches the city over."""
    with Wire(field.port).laid() as laid:
        yield laid


@pytest.fixture(scope="module")
def city_data(field: Server) -> City:
    """What its database says."""
    return City(field.data_dir)


@pytest.fixture(scope="module")
def room(field: Server) -> Person:
    """The dispatcher without a screen."""
    return Person(field.url, "dispatcher")


@pytest.fixture
def job(field: Server, room: Person) -> Iterator[int]:
    """A new job of AMB-01, its only one; over at the end."""
    taker = Person(field.url)
    call = taker.command("/calls/enter").json()["call"]
    area = next(iter(taker.get("/console/catalogue")["areas"]))
    facts = {"type": "kecelakaan_lalin", "area": area, "address": f"Jl. Uji {next(_numbers)}"}
    told = facts | {"lat": -7.8185, "lng": 112.0155, "answers": {"hazard": "yes"}}
    answer = taker.command(f"/calls/{call}/incident", call_class="emergency", **told)
    incident = int(answer.json()["incident"])
    send_units(room, incident, "AMB-01")
    yield incident
    room.command(f"/incidents/{incident}/cancel", reason="not_needed", confirm=True)
    room.command("/dispatch/units/AMB-01/availability", command="return")
    room.command("/dispatch/units/AMB-01/duty", on_duty=True, readiness="ready")
    for alarm in room.get("/console/state")["alarms"]:
        room.command(f"/dispatch/alarms/{alarm['id']}/done")


@pytest.fixture
def phone(browser: Browser, field: Server, wire: Wire, job: int) -> Iterator[Page]:
    """The crew's phone, small and cheap, with the page kept to open without a network."""
    wire.mend()
    with window(browser, field, "crew", size=SMALL, through=wire.url) as page:
        page.goto("/crew")
        expect(page.locator("#job")).to_contain_text(f"#{job}")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.wait_for_function("caches.match('/crew/shell').then(Boolean)")
        page.wait_for_function("caches.match('/static/crew/crew.js').then(Boolean)")
        yield page


def leave_network(page: Page, wire: Wire) -> None:
    """The browser knows that there is no network, and there is none."""
    wire.cut()
    page.context.set_offline(True)


def find_network(page: Page, wire: Wire) -> None:
    """There is one again, and the browser is told."""
    wire.mend()
    page.context.set_offline(False)


@dataclass(frozen=True)
class Pressing:
    """How an act is done on the phone, and what the page shows of it before it is sent."""

    name: str
    do: Callable[[Page], None]
    place: str
    shows: str


def opened(page: Page, box: str) -> None:
    if page.locator(f"{box}[open]").count() == 0:
        page.locator(f"{box} > summary").click()


def decline(page: Page) -> None:
    opened(page, "#decline-box")
    page.select_option("#decline", "vehicle_fault")
    page.locator("#decline-box button").click()


def note(page: Page) -> None:
    opened(page, "#note-box")
    page.fill("#note", "Jalan tertutup pohon")
    page.locator("#note-box button").click()


def mayday(page: Page) -> None:
    page.locator("#mayday").focus()
    page.keyboard.press("Enter")
    page.locator("#mayday-yes").click()


def form(page: Page) -> None:
    opened(page, "#form-patients")
    page.fill("#patients-red", "1")
    page.fill("#patients-green", "2")
    page.fill("#patients-words", "Ke RS Baptis")
    page.locator("#form-patients button").click()


def picture() -> dict[str, Any]:
    drawn = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(drawn, "JPEG", quality=90)
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def photo(page: Page) -> None:
    page.set_input_files(".photo input", picture())  # type: ignore[arg-type]


def press_in_unit(button: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        opened(page, "#unit-box")
        page.locator(f"#unit button[data-key^='{button}']").click()

    return press


def aboard(page: Page) -> None:
    opened(page, "#unit-box")
    page.locator("#unit input[name=people]").first.check()
    page.fill("#aboard-count", "3")
    page.locator("#unit fieldset:has(#aboard-count) button").click()


def readiness(page: Page) -> None:
    opened(page, "#unit-box")
    page.select_option("#ready-to", "limited")
    page.select_option("#why", "damaged")
    page.locator("#unit fieldset:has(#ready-to) button").click()


ACTS = (
    Pressing("step", lambda page: page.locator("button[value=acknowledge]").click(), "#job", "→"),
    Pressing("decline", decline, "#job", "–"),
    Pressing("note", note, "#outbox", "–"),
    Pressing("mayday", mayday, "#help", "–"),
    Pressing("caller", lambda page: page.locator("[data-key=caller]").click(), "#job", "–"),
    Pressing("form", form, "#outbox", "–"),
    Pressing("photo", photo, ".photo", "(1)"),
    Pressing("aboard", aboard, "#unit summary", "3"),
    Pressing("readiness", readiness, "#unit", "–"),
)


def waits(page: Page, n: int) -> None:
    """So many acts wait in the phone."""
    if n:
        expect(page.locator("#outbox-box summary")).to_contain_text(f"({n})")
    else:
        expect(page.locator("#outbox-box")).to_have_count(0)


def last_acts(city: City, since: int) -> list[tuple[Any, ...]]:
    return city.ask(
        "SELECT name, outcome, occurred_at, received_at FROM dispatch_crewact"
        f" WHERE id > {since} ORDER BY id"
    )


def newest(city: City) -> int:
    return int(city.ask("SELECT coalesce(max(id), 0) FROM dispatch_crewact")[0][0])


def time_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_pressed_without_a_network_it_is_shown_kept_and_sent_once_with_its_own_time(
    act: Pressing, phone: Page, wire: Wire, city_data: City, room: Person, job: int
) -> None:
    since = newest(city_data)
    leave_network(phone, wire)
    before = datetime.now(UTC)
    act.do(phone)
    waits(phone, 1)
    after = datetime.now(UTC)
    if act.shows != "–" and act.shows != "→":
        expect(phone.locator(act.place)).to_contain_text(act.shows)
    assert not overhang(phone)

    phone.reload()  # still without a network: the page comes from the phone
    waits(phone, 1)
    if act.name == "step":
        expect(phone.locator("button[value=depart]").first).to_be_visible()
    if act.name == "decline":
        expect(phone.locator("#job-title")).to_have_count(0)
    if act.name == "mayday":
        expect(phone.locator("#help")).to_be_visible()
    again = phone.context.new_page()  # the browser was closed, or the battery dead
    phone.close()
    again.goto("/crew")
    waits(again, 1)
    assert newest(city_data) == since

    online = datetime.now(UTC)
    find_network(again, wire)
    waits(again, 0)
    again.reload()
    waits(again, 0)
    (name, outcome, occurred, received) = only(last_acts(city_data, since))
    assert (name, outcome) == ("step" if act.name == "decline" else act.name, "done")
    assert before - CLOCKS_DIFFER <= time_of(occurred) <= after + CLOCKS_DIFFER
    assert time_of(received) >= online
    if act.name == "photo":
        again.wait_for_function("async () => true")
        kept = city_data.ask("SELECT size FROM dispatch_fieldphoto WHERE kept_at IS NOT NULL")
        assert len(kept) == 1 and 0 < kept[0][0] < len(picture()["buffer"])
        page = room.http.get(f"/incidents/{job}").text
        assert f"/incidents/{job}/photos/" in page


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_where_the_answer_is_lost_on_the_way_it_counts_once(
    act: Pressing, phone: Page, city_data: City
) -> None:
    """The cut comes after the server has done it and before the phone knows."""
    since = newest(city_data)
    lost: list[str] = []

    def lose(route: Route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort("connectionreset")

    phone.route("**/crew/acts", lose)
    act.do(phone)
    waits(phone, 1)
    phone.wait_for_function("() => true")
    while not lost:
        phone.wait_for_event("requestfailed")
    phone.unroute("**/crew/acts")
    phone.reload()
    waits(phone, 0)
    assert [row[1] for row in last_acts(city_data, since)] == ["done"]


def only(rows: list[Any]) -> Any:
    (row,) = rows
    return row


def test_duty_availability_and_a_whole_job_are_sent_in_the_order_of_pressing(
    phone: Page, wire: Wire, city_data: City, room: Person
) -> None:
    """A call for help goes before all else, though it was pressed in between."""
    since = newest(city_data)
    leave_network(phone, wire)
    for n, command in enumerate(("acknowledge", "depart", "arrive", "transport"), start=1):
        phone.locator(f"#job .steps > .strong[value={command}]:not([aria-disabled])").click()
        waits(phone, n)
    mayday(phone)
    waits(phone, 5)
    opened(phone, "#mayday-over")
    phone.select_option("#over-reason", "safe")
    phone.locator("#mayday-over button").click()
    waits(phone, 6)
    for n, command in enumerate(("reach", "complete"), start=7):
        phone.locator(f"#job .steps > .strong[value={command}]:not([aria-disabled])").click()
        waits(phone, n)
    expect(phone.locator("#job-title")).to_have_count(0)
    press_in_unit("duty")(phone)
    waits(phone, 9)
    phone.select_option("#out", "refuelling")
    phone.locator("#unit fieldset:has(#out) button").click()
    waits(phone, 10)
    find_network(phone, wire)
    waits(phone, 0)
    rows = last_acts(city_data, since)
    assert [row[0] for row in rows] == ["mayday", *["step"] * 4, "mayday_over"] + ["step"] * 2 + [
        "duty",
        "availability",
    ]
    assert {row[1] for row in rows} == {"done"}
    pressed = [row[2] for row in rows[1:]]
    assert pressed == sorted(pressed)


def test_the_hospital_is_chosen_on_the_phone_and_another_one_on_the_way(
    phone: Page, wire: Wire, city_data: City
) -> None:
    leave_network(phone, wire)
    for n, command in enumerate(("acknowledge", "depart", "arrive"), start=1):
        phone.locator(f"#job .steps > .strong[value={command}]:not([aria-disabled])").click()
        waits(phone, n)
    phone.select_option("#job select[name=destination]", index=1)
    phone.locator("#job .steps > .strong[value=transport]:not([aria-disabled])").click()
    waits(phone, 4)
    opened(phone, "#hospital-box")
    other = phone.locator("#hospital-box select")
    code = other.locator("option").nth(2).get_attribute("value")
    other.select_option(index=2)
    phone.locator("#hospital-box button").click()
    waits(phone, 5)
    find_network(phone, wire)
    waits(phone, 0)
    chosen = city_data.ask(
        "SELECT h.code, a.state FROM dispatch_assignment a"
        " JOIN fleet_hospital h ON h.id = a.destination_id ORDER BY a.id DESC"
    )
    assert chosen[0] == (code, "to_destination")


def test_the_sheet_of_checks_opens_and_is_ticked_without_a_network(
    phone: Page, wire: Wire, city_data: City
) -> None:
    phone.wait_for_function("caches.match('/crew/check').then(Boolean)")
    since = newest(city_data)
    leave_network(phone, wire)
    phone.goto("/crew/check")
    for piece in phone.locator(".sheet fieldset").all():
        piece.locator("input[value=passed]").check()
    phone.locator(".sheet button.strong").click()
    phone.wait_for_url("**/crew")
    waits(phone, 1)
    find_network(phone, wire)
    waits(phone, 0)
    (name, outcome, _occurred, _received) = only(last_acts(city_data, since))
    assert (name, outcome) == ("check", "done")
    assert city_data.ask("SELECT count(*) FROM fleet_equipmentcheck WHERE source = 'crew'")[0][0]


def test_a_refusal_stays_until_it_is_understood(
    phone: Page, wire: Wire, room: Person, job: int
) -> None:
    leave_network(phone, wire)
    decline(phone)
    waits(phone, 1)
    (mine,) = [j for j in room.get("/console/state")["incidents"] if j["id"] == job]
    own = next(j for j in mine["jobs"] if j["unit"] == "AMB-01")
    done = room.command(f"/dispatch/jobs/{own['id']}/step", command="depart")
    assert done.status_code == 200, done.text
    find_network(phone, wire)
    refused = phone.locator("#outbox .refused")
    expect(refused).to_be_visible()
    assert not axe(phone)
    phone.reload()
    expect(refused).to_be_visible()
    refused.locator("button").click()
    expect(refused).to_have_count(0)
    phone.reload()
    expect(phone.locator("#job-title")).to_be_visible()
    expect(refused).to_have_count(0)


def test_whoever_has_signed_out_keeps_the_acts_and_sends_them_after_signing_in(
    phone: Page, wire: Wire, city_data: City, field: Server
) -> None:
    """Not under another name, though: somebody else signs in on the phone in between."""
    since = newest(city_data)
    hire_mate(field)
    leave_network(phone, wire)
    note(phone)
    waits(phone, 1)
    phone.context.clear_cookies()
    find_network(phone, wire)
    expect(phone.locator("#outbox a[href='/sign-in?next=/crew']")).to_be_visible()
    waits(phone, 1)
    assert not axe(phone)
    assert any(type_password(phone, "mate") for _try in range(3))
    phone.goto("/crew")
    expect(phone.locator("#job-title")).to_be_visible()
    expect(phone.locator("#outbox .notice")).to_contain_text("1")
    assert newest(city_data) == since
    phone.context.clear_cookies()
    # The outbox asks too, and may get the form's cookie changed: then one signs in once more.
    assert any(type_password(phone, "crew") for _try in range(3))
    phone.goto("/crew")
    until(lambda: newest(city_data) > since, 30)  # perhaps before this page was open
    expect(phone.locator("#outbox .notice")).to_have_count(0)
    assert [row[0] for row in last_acts(city_data, since)] == ["note"]


def hire_mate(field: Server) -> None:
    code = (
        "from sigap.config.cli import start_django; start_django()\n"
        "from sigap.core.actions.accounts import create_user\n"
        "from sigap.core.actors import system\n"
        f"create_user('mate', name='Rekan', password={PASSWORD!r}, roles=['crew'],"
        " unit='AMB-01', actor=system('setup'), must_change_password=False)"
    )
    subprocess.run([sys.executable, "-c", code], env=field.environment, check=True)


def test_help_is_called_for_by_holding_and_not_by_touching(phone: Page, room: Person) -> None:
    button, sure = phone.locator("#mayday"), phone.locator("#mayday-sure")
    button.click()
    expect(sure).to_be_visible()
    assert not axe(phone)
    phone.locator("#mayday-no").click()
    expect(sure).to_be_hidden()
    button.hover()
    phone.mouse.down()
    expect(phone.locator("#help")).to_be_visible()
    phone.mouse.up()
    expect(sure).to_be_hidden()
    alarms = [a for a in alarms_of(phone, room) if a["code"] == "mayday"]
    assert [(a["urgency"], a["owner"]) for a in alarms] == [(1, "dispatcher")]
    waiting = phone.locator("#help .answer").inner_text()
    room.command(f"/dispatch/alarms/{alarms[0]['id']}/acknowledge")
    expect(phone.locator("#help .answer")).not_to_have_text(waiting)
    assert not axe(phone)


def alarms_of(phone: Page, room: Person) -> list[dict[str, Any]]:
    waits(phone, 0)
    found: list[dict[str, Any]] = room.get("/console/state")["alarms"]
    return found


def test_what_is_typed_into_a_form_survives_a_reload(phone: Page, wire: Wire) -> None:
    opened(phone, "#form-patients")
    phone.fill("#patients-yellow", "3")
    phone.fill("#patients-words", "Dua anak")
    leave_network(phone, wire)
    phone.reload()
    opened(phone, "#form-patients")
    expect(phone.locator("#patients-yellow")).to_have_value("3")
    expect(phone.locator("#patients-words")).to_have_value("Dua anak")
    find_network(phone, wire)


def test_the_whole_page_serves_everybody_on_a_small_phone(phone: Page, tmp_path: Path) -> None:
    phone.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")
    assert not axe(phone)
    assert not overhang(phone)
    step = phone.locator("#job .steps > .strong").bounding_box()
    assert step and step["height"] >= 64
