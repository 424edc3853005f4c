"""Every screen in both languages: usable by everybody, whole at its sizes, without an error."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import APIResponse, Browser, expect

from sigap.console.views.admin.sections import SECTIONS
from sigap.core.actors import ROLE_PERMISSIONS, Permission, Role

from .browsing import PHONE, ROOM, Look, faults_of, speak, type_password, window
from .server import Server


class Screen(NamedTuple):
    """A page, what must be on it before it is judged, and what its server answers."""

    path: str
    shows: str = "h1"
    status: int = 200


TOP = [name for name, section in SECTIONS.items() if not section.parent]
PARTS = {name: section.parent_section for name, section in SECTIONS.items() if section.parent}
# Who opens which screens; "" is somebody who has not signed in.
SCREENS: dict[str, list[Screen]] = {
    "": [
        Screen("/sign-in"),
        Screen("/api/docs"),
        Screen("/nowhere", status=404),
        Screen("/lapor"),
        Screen("/lacak"),
        Screen("/aduan"),
        Screen("/limpahan/1-x"),
        Screen("/peringatan"),
        Screen("/peringatan/2"),
        Screen("/transparansi", "table"),
        Screen("/transparansi/2026"),
        Screen("/transparansi/2026-10"),
        Screen("/transparansi/aturan", "table"),
        Screen("/transparansi/data", "section"),
        Screen("/transparansi/jurnal", "[type=file]"),
    ],
    "call_taker": [
        Screen("/start"),
        Screen("/calls", "#ringing li"),
        Screen("/quality/mine"),
        Screen("/survey"),
        Screen("/complaints?tab=all", ".complaints tbody a"),
        Screen("/complaints/1", ".facts"),
        Screen("/complaints/new"),
        Screen("/chats"),
        Screen("/calls/1/handover"),
        Screen("/account/language"),
        Screen("/account/password"),
        Screen("/account/second-factor", ".qr"),
        Screen("/admin", status=403),
    ],
    "dispatcher": [
        Screen("/dispatch", "#incidents button.row"),
        Screen("/closures", "#closure-map .city-area"),
        Screen("/map", ".leaflet-marker-icon"),
        Screen("/wall", "#ageing tr"),
        Screen("/incidents/{incident}"),
        Screen("/incidents/{incident}/replay"),
        Screen("/incidents/{incident}/handover"),
        Screen("/readiness", ".hospital"),
        Screen("/readiness/hospitals/rs_baptis", "[name=ed_free]"),
    ],
    "supervisor": [
        Screen("/supervisor"),
        Screen("/quality"),
        Screen("/quality/1", "form fieldset"),
        Screen("/replay", "#units button"),
        Screen("/recordings"),
        Screen("/sorting"),
        Screen("/outreach"),
        Screen("/insight/alarms", ".proposal svg"),
        Screen("/insight/returns", ".proposal .facts"),
        Screen("/neighbours", "#health"),
        Screen("/warnings"),
        Screen("/warnings/1"),
        Screen("/warnings/new", "#warning-map path"),
        Screen("/warnings/own/1"),
        Screen("/warnings/own/1/edit"),
        Screen("/warnings/own/2/update"),
        Screen("/holds"),
        Screen("/account/second-factor"),
    ],
    "agency": [
        Screen("/agency", ".job"),
        Screen("/agency/alerts", "#tests"),
        Screen("/station"),
        Screen("/agency/complaints", ".complaints tbody a"),
        Screen("/agency/complaints/map", ".points a"),
        Screen("/agency/complaints/1", ".facts"),
        Screen("/readiness", ".matters a"),
        Screen("/readiness/units/AMB-01", ".sheet fieldset"),
        Screen("/readiness/hospitals/rsud_gambiran", "[name=ed_free]"),
        Screen("/agency/proposals", ".proposal form"),
    ],
    "agency_head": [Screen("/agency/complaints", ".complaints tbody a")],
    "crew": [
        Screen("/crew", "#job-title"),
        Screen("/crew/shell"),
        Screen("/crew/check", ".sheet fieldset"),
        Screen("/station"),
    ],
    "evaluator": [
        Screen("/ikm"),
        Screen("/insight/alarms", ".proposal svg"),
        Screen("/insight/returns", ".proposal .facts"),
        Screen("/monev"),
        Screen("/insight/standby", "form"),
        Screen("/insight/whatif?run=1", "form"),
        Screen("/insight/whatif?gate=ajar&run=1", "form", status=400),
        Screen("/monev?from=2026-02-01&to=2026-01-01", status=400),
        Screen("/monev/reports"),
        Screen("/monev/reports/1", ".drawing svg"),
        Screen("/monev/records?of=calls&from=2000-01-01&to=2099-12-31&line=all", "tbody tr"),
        Screen("/monev/agencies", "li a"),
        Screen("/monev/agencies/psc119", ".paper"),
        Screen("/insight/demand"),
        Screen("/insight/staffing"),
    ],
    "administrator": [
        Screen("/admin"),
        Screen("/admin/parameters"),
        Screen("/admin/boundaries"),
        Screen("/admin/users"),
        Screen("/admin/users/add"),
        Screen("/admin/users/1"),
        Screen("/admin/users/2/password"),
        Screen("/admin/users/2/second-factor"),
        Screen("/admin/devices", "tbody a"),
        Screen("/admin/devices/1"),
        *(Screen(f"/admin/{name}") for name in TOP),
        *(Screen(f"/admin/{name}/add") for name in TOP),
        *(Screen(f"/admin/{name}/add?of=1") for name in PARTS),
        *(Screen(f"/admin/{name}/1") for name in SECTIONS),
        *(Screen(f"/admin/{name}/1/remove") for name in SECTIONS if SECTIONS[name].removable),
    ],
}
# The drill's first page, the second step of signing in, a chat and a citizen's own report have
# tests of their own; the map's ground is a file, where one is set, and so are photos and sounds.
ELSEWHERE = {"", "sign-in/code", "map/ground.pmtiles"}
ELSEWHERE |= {"chats/<int:chat_id>", "chats/<int:chat_id>/messages"}
ELSEWHERE |= {"chats/files/<int:message_id>", "recordings/<int:recording_id>/audio"}
ELSEWHERE |= {"complaints/<int:complaint_id>/files/<int:attachment_id>"}
ELSEWHERE |= {"agency/complaints/<int:referral_id>/files/<int:attachment_id>"}
# Photos of crews have tests of their own.
ELSEWHERE |= {"crew/photos/<str:key>", "incidents/<int:incident_id>/photos/<int:photo_id>"}
ELSEWHERE |= {"survey/<int:survey_id>", "outreach/<int:outreach_id>"}
ELSEWHERE |= {"transparansi/data/<slug:name>.<slug:form>"}
ELSEWHERE |= {"neighbours/<str:noun>/<int:pk>"}
ELSEWHERE |= {"peringatan/feed.xml", "peringatan/<int:announcement_id>.xml"}
ELSEWHERE |= {"bantuan/<str:token>"}
ELSEWHERE |= {"lacak/<str:token>", "lacak/<str:token>/foto/<str:name>"}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("role", SCREENS)
def test_every_screen_serves_everybody(
    role: str, language: str, busy_city: Server, incident: int, browser: Browser
) -> None:
    screens, size = SCREENS[role], PHONE if role == "crew" else ROOM
    with window(browser, busy_city, role, size=size) as page:
        speak(page, language)
        # Two at a time: while the one is judged, the other is loaded.
        looks = Look(page), Look(page.context.new_page())
        for first in range(0, len(screens), len(looks)):
            opened = list(zip(looks, screens[first : first + len(looks)], strict=False))
            for look, screen in opened:
                path = screen.path.format(incident=incident)
                look.open(path, screen.shows, status=screen.status)
                assert look.page.locator("html").get_attribute("lang") == language, path
            for look, screen in opened:
                look.judge(screen.path)
    found = [fault for look in looks for fault in look.found]
    assert not found, "\n".join(found)


def test_no_screen_is_forgotten(busy_city: Server, incident: int, browser: Browser) -> None:
    """Each address that answers with a whole page is one of those that are looked at."""
    listed = {resolve(s.path.format(incident=1).split("?")[0]).route for s in _known_screens()}
    forgotten: list[str] = []
    for role, addresses in _addresses_by_role().items():
        with window(browser, busy_city, role) as page:
            for address in addresses:
                answer = page.request.get(_filled(address, incident), max_redirects=0)
                assert answer.status < 500, address
                if _is_screen(answer) and address not in listed | ELSEWHERE:
                    forgotten.append(f"{address} ({answer.status})")
    assert not forgotten, forgotten


def _known_screens() -> Iterator[Screen]:
    for screens in SCREENS.values():
        yield from (screen for screen in screens if screen.status != 404)


def _addresses_by_role() -> dict[str, list[str]]:
    """Every address of the product, under a role that may open it."""
    found: dict[str, list[str]] = {}
    for address, permission in _addresses(get_resolver().url_patterns, ""):
        may = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
        found.setdefault((may or [Role.CALL_TAKER])[0].value, []).append(address)
    return found


def _addresses(
    patterns: list[URLPattern | URLResolver], before: str
) -> Iterator[tuple[str, Permission]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, address)
        else:
            yield address, pattern.callback.permission  # type: ignore[attr-defined]


def _filled(address: str, incident: int) -> str:
    values = {"incident_id": str(incident), "name": TOP[0], "call_sign": "AMB-01"}
    return "/" + re.sub(r"<\w+:(\w+)>", lambda part: values.get(part[1], "1"), address)


def _is_screen(answer: APIResponse) -> bool:
    """A whole page, one that is missing, or the way to another; no piece and no refusal."""
    if answer.status in (302, 404):
        return answer.headers.get("content-type", "text/html").startswith("text/html")
    return answer.status == 200 and answer.body()[:15].lower() == b"<!doctype html>"


def test_the_second_step_of_signing_in_serves_everybody(
    busy_city: Server, browser: Browser
) -> None:
    with window(browser, busy_city, "administrator"):
        pass  # has a second factor from now on
    for language in ("id", "en"):
        with window(browser, busy_city) as page:
            speak(page, language)
            type_password(page, "administrator")
            expect(page.locator("#code")).to_be_focused()
            assert not faults_of(page)
            page.fill("#code", "000000")
            page.press("#code", "Enter")
            expect(page.locator("#code-error")).to_be_visible()
            assert not faults_of(page)


def test_what_is_wrong_with_a_page_is_found(busy_city: Server, browser: Browser) -> None:
    """The checks themselves: an unnamed field, pale words, too wide a line, a failed script."""
    with window(browser, busy_city) as page:
        look = Look(page)
        look.open("/sign-in", "h1")
        page.evaluate(
            "document.querySelector('main').innerHTML = '<input>"
            '<p style="color: #ddd; background: #fff; width: 3000px">words</p>\'; '
            "console.error('failed')"
        )
        look.judge("now")
        look.judge("as changed")
        found = "\n".join(look.found)
        for fault in ("label:", "color-contrast:", "reaches out:", "large display:", "failed"):
            assert fault in found
