"""A station's screen, and the button that turns alerts on, in a real browser."""

import itertools
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from .asking import Person, send_units
from .browsing import PHONE
from .server import Server

# What a browser without a push service of its own lacks: where its pushes would go.
PUSH = """
(() => {
  let known = null;
  const keys = { p256dh: "%(p256dh)s", auth: "%(auth)s" };
  const endpoint = "https://fcm.googleapis.com/test-%(n)s";
  const made = () => ({
    endpoint,
    toJSON: () => ({ endpoint, expirationTime: null, keys }),
    unsubscribe: async () => { known = null; return true; },
  });
  const pushManager = {
    getSubscription: async () => known,
    subscribe: async ({ applicationServerKey }) => {
      if (applicationServerKey.length !== 65) throw new Error("key");
      known = made();
      return known;
    },
  };
  const registration = { pushManager };
  Object.defineProperty(navigator, "serviceWorker", {
    value: {
      getRegistration: async () => registration,
      register: async () => registration,
      ready: Promise.resolve(registration),
      addEventListener: () => null,
      controller: null,
    },
  });
  Object.defineProperty(Notification, "permission", { get: () => "%(permission)s" });
  Notification.requestPermission = async () => "%(permission)s";
})();
"""
CUT = re.compile(r"\bcut\b")
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
numbers = itertools.count(1)


@pytest.fixture
def crew(enter: Callable[..., Page]) -> Iterator[Page]:
    yield enter("crew", size=PHONE)


def with_push(page: Page, permission: str = "granted") -> Page:
    """This browser has a push service."""
    facts = {"p256dh": POINT, "auth": AUTH, "permission": permission, "n": next(numbers)}
    page.add_init_script(PUSH % facts)
    page.goto("/crew")
    return page


def test_a_crew_turns_alerts_on_tests_them_and_turns_them_off(crew: Page) -> None:
    page = with_push(crew)
    push = page.locator("#push")
    expect(push).to_have_attribute("data-state", "off")
    push.locator("button").click()
    expect(push).to_have_attribute("data-state", "on")
    expect(push.locator("button")).to_have_count(2)
    push.locator("button").last.click()
    expect(push).to_have_attribute("data-state", "off")


@pytest.mark.parametrize("permission", ["denied"])
def test_what_the_browser_has_forbidden_is_said(permission: str, crew: Page) -> None:
    push = with_push(crew, permission).locator("#push")
    expect(push).to_have_attribute("data-state", "denied")
    expect(push.locator("button")).to_have_count(0)


def test_a_browser_that_cannot_says_so(crew: Page) -> None:
    crew.add_init_script("delete window.PushManager")
    crew.goto("/crew")
    expect(crew.locator("#push")).to_have_attribute("data-state", "unsupported")


@pytest.mark.usefixtures("crew_is_free")
def test_a_station_rings_until_somebody_presses_and_says_when_it_is_cut_off(
    enter: Callable[..., Page],
    open_incident: Callable[..., int],
    city: Server,
) -> None:
    station = enter("crew")
    station.goto("/station")
    station.locator("#unlock").click()
    expect(station.locator("#start")).to_be_hidden()
    incident = open_incident("kecelakaan_lalin")
    dispatcher = Person(city.url, "dispatcher")
    send_units(dispatcher, incident, "AMB-01")
    ring = station.locator(".ring").first
    expect(ring).to_contain_text("AMB-01")
    rings = station.locator(".ring")
    before = rings.count()
    ring.locator("button").click()
    expect(rings).to_have_count(before - 1)
    job = dispatcher.get("/console/state")["incidents"]
    states = [j["state"] for i in job if i["id"] == incident for j in i["jobs"]]
    assert "acknowledged" in states
    station.context.set_offline(True)
    expect(station.locator("#link")).to_have_class(CUT)
    station.context.set_offline(False)
    expect(station.locator("#link")).not_to_have_class(CUT)
