"""Neighbouring centres on the call taker's screen, in a real browser."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sim.neighbour import Neighbour

from .asking import Person, client
from .browsing import faults_of
from .server import Server
from .test_neighbours import knows

SECRETS = {"secret_out": "what-we-sign-with-112", "secret_in": "what-they-sign-with-112"}


@pytest.fixture(scope="module")
def kabupaten(city: Server) -> Neighbour:
    """The centre as an administrator has entered it; it has no server of its own here."""
    knows(city, code="kab_kediri", access_code="kode-tautan-9", **SECRETS)
    return Neighbour(expects=SECRETS["secret_out"], speaks=SECRETS["secret_in"])


def tells(city: Server, kabupaten: Neighbour, **incident: Any) -> None:
    """It hands something over to us."""
    name = f"urn:emergency:uid:incidentid:{time.monotonic_ns()}:kab"
    part = {"incidentTypeInternalText": "MVA W/INJ", "incidentTypeCommonRegistryText": "10-50"}
    notes = [{"notesActionComments": "Truk terguling"}]
    document = {"$id": name, "incidentComponent": part | incident, "notesComponent": notes}
    body = json.dumps(document).encode()
    headers = kabupaten.sign(body, "kab_kediri") | {"Content-Type": "application/json"}
    answer = client(city.url).post("/hooks/eido", content=body, headers=headers)
    assert answer.status_code == 202, answer.text


def test_a_call_handed_over_to_us_appears_and_is_accepted(
    city: Server, kabupaten: Neighbour, enter: Callable[..., Page]
) -> None:
    page = enter("call_taker")
    page.goto("/calls")
    expect(page.locator("#handed")).to_be_hidden()
    tells(city, kabupaten)
    row = page.locator("#handed li")
    expect(row).to_contain_text("kab_kediri")
    assert not faults_of(page)
    with page.expect_popup() as opened:
        row.locator("a").click()
    case = opened.value
    expect(case.locator("dd", has_text="Truk terguling")).to_be_visible()
    expect(case.locator("dd", has_text="10-50")).to_be_visible()
    assert not faults_of(case)
    case.select_option("#type", "kecelakaan_lalin")
    case.locator("form[action$=accept] button.strong").click()
    expect(case.locator("a[href^='/incidents/']")).to_be_visible()
    assert not faults_of(case)
    expect(row).to_have_count(0)
    case.locator("a[href^='/incidents/']").first.click()
    expect(case.locator("#neighbours li a")).to_be_visible()
    case.locator("#neighbours summary").last.click()
    assert not faults_of(case)
    case.locator("#neighbours form[action$=propose] button").click()
    expect(case).to_have_url(re.compile("/neighbours/shares/"))
    assert not faults_of(case)


def test_a_dispatcher_asks_for_units_and_writes_down_the_answer(
    city: Server, kabupaten: Neighbour, enter: Callable[..., Page]
) -> None:
    page = enter("dispatcher")
    page.goto("/neighbours")
    page.locator("summary").first.click()
    page.select_option("#ask-reason", "all_busy")
    assert not faults_of(page)
    page.locator("form[action$=ask] button").click()
    expect(page).to_have_url(re.compile("/neighbours/aid/"))
    assert not faults_of(page)
    page.fill("#yes-by", "Piket")
    page.fill("#yes-signs", "AMB-9")
    page.locator("form[action$=told_yes] button").click()
    expect(page.locator(".mono", has_text="KAB_KEDIRI:AMB-9").first).to_be_visible()
    page.goto("/dispatch")
    guest = page.locator("button.unit", has_text="KAB_KEDIRI:AMB-9")
    expect(guest).to_contain_text("Kabupaten Kediri")
    page.goto("/neighbours")
    page.locator("form[action$=return] button").first.click()
    expect(page.locator("form[action$=return]")).to_have_count(0)


def test_what_is_typed_goes_along_when_a_call_is_handed_over(
    city: Server, kabupaten: Neighbour, enter: Callable[..., Page], colleague: Person
) -> None:
    page = enter("call_taker")
    page.goto("/calls")
    expect(page.locator("#queue-count")).not_to_be_empty()
    page.press("body", "e")
    page.locator("dialog input").first.fill("081377700001")
    page.locator("dialog button.strong, dialog button[type=submit]").last.click()
    page.locator("#address").fill("Pasar Pare")
    page.locator("#chronology").fill("Asap tebal")
    with page.expect_popup() as opened:
        page.locator("#handover button").click()
    form = opened.value
    expect(form.locator("#address")).to_have_value("Pasar Pare")
    expect(form.locator("#what")).to_have_value("Asap tebal")
    expect(form.locator("input[name=centre]:checked")).to_have_value("kab_kediri")
    assert not faults_of(form)
    form.locator("button.strong").click()
    expect(form).to_have_url(re.compile("/neighbours/handovers/"))
    assert not faults_of(form)
    address = form.locator("code.words").inner_text()
    form.goto(address)
    form.fill("#code", "kode-tautan-9")
    form.locator("button.main").click()
    expect(form.locator("dd", has_text="Pasar Pare")).to_be_visible()
    assert not faults_of(form)
    page.close()
