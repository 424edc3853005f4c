"""The file of one incident, as people read and correct it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sigap.calls.actions import open_incident_for_call
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Journal
from sigap.dispatch.actions import correct_time, send_units, step
from sigap.incidents.models import Incident
from tests.conftest import START

from .asking import get, post

Make = Callable[..., Call]
Browser = Callable[[str | None], Client]
Who = Callable[[str], Actor]


@pytest.fixture
def desk(browser_of: Browser) -> Client:
    """The dispatcher's browser."""
    return browser_of("dispatcher")


@pytest.fixture
def incident(answered: Make, actor: Who) -> Incident:
    """An incident with a call, a unit on scene and a corrected time."""
    made = open_incident_for_call(
        answered().pk,
        "kecelakaan_lalin",
        actor=actor("call_taker"),
        address="Jl. Brawijaya 41 <b>",
        lat=-7.8266,
        lng=112.0305,
        answers={"trapped": "yes"},
    )
    (job,) = send_units(made.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    step(job.pk, "depart", actor=actor("dispatcher"), source="dispatcher")
    boss = actor("dispatcher")
    correct_time(job.pk, "en_route", START, reason="radio", actor=boss, source="dispatcher")
    made.refresh_from_db()
    return made


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_file_shows_facts_calls_units_and_the_story(desk: Client, incident: Incident) -> None:
    page = text(desk.get(f"/incidents/{incident.pk}"))
    for words in ("Jl. Brawijaya 41 &lt;b&gt;", "0812-3345-1190", "AMB-01", "KLL-2"):
        assert words in page
    assert "corrected below" in page or 'class="struck"' in page
    assert "assignment." not in page and "%(" not in page


def test_every_look_at_the_file_is_on_record(desk: Client, incident: Incident) -> None:
    looks = Journal.objects.filter(kind="person.opened", case=f"incident:{incident.pk}")
    for i in (1, 2):
        desk.get(f"/incidents/{incident.pk}")
        assert looks.count() == i
    desk.get(f"/incidents/{incident.pk}/replay")
    assert looks.latest("seq").body == {"screen": "replay"}


def test_panels_may_read_the_story_often_without_writing_each_time(
    desk: Client, incident: Incident, time: clock.Frozen
) -> None:
    for _i in range(3):
        told = get(desk, f"/incidents/{incident.pk}/timeline.json")
    looks = Journal.objects.filter(kind="person.opened")
    assert looks.count() == 1
    time.forward(601)
    get(desk, f"/incidents/{incident.pk}/timeline.json")
    assert looks.count() == 2
    kinds = [row["kind"] for row in told["rows"]]
    assert kinds[0] == "call.presented" and "assignment.depart" in kinds


@pytest.mark.parametrize("role", ["agency", "crew", "evaluator", "administrator"])
def test_the_file_is_for_the_control_room_only(
    role: str, browser_of: Browser, incident: Incident
) -> None:
    client = browser_of(role)
    for path in ("", "/replay", "/timeline.json"):
        assert client.get(f"/incidents/{incident.pk}{path}").status_code == 403
    assert post(client, f"/incidents/{incident.pk}/note", text="x")["status"] == 403
    assert not Journal.objects.filter(kind="person.opened").exists()


def test_a_note_is_written_and_struck_through(desk: Client, incident: Incident) -> None:
    made = post(desk, f"/incidents/{incident.pk}/note", text="pintu belakang")
    assert made["status"] == 200
    assert post(desk, f"/incidents/{incident.pk}/note", text="  ")["error"]["code"] == "empty"
    url = f"/incidents/{incident.pk}/note/{made['note']}/strike"
    assert post(desk, url)["error"]["code"] == "reason"
    assert post(desk, url, reason="untrue")["status"] == 200
    assert "<s>pintu belakang</s>" in text(desk.get(f"/incidents/{incident.pk}"))
    rows = get(desk, f"/incidents/{incident.pk}/timeline.json")["rows"]
    assert ("pintu belakang", True) in [(row["note"], row["struck"]) for row in rows]


def test_facts_change_only_where_they_were_sent(desk: Client, incident: Incident) -> None:
    answer = post(desk, f"/incidents/{incident.pk}/facts", victims=3, version=incident.version)
    assert answer["status"] == 200
    incident.refresh_from_db()
    assert (incident.victims, incident.lat, incident.address_id is None) == (3, -7.8266, False)
    stale = post(desk, f"/incidents/{incident.pk}/facts", victims=4, version=0)
    assert stale["error"] == {
        "code": "conflict",
        "message": stale["error"]["message"],
        "version": incident.version,
    }


def test_answers_and_priority_are_kept_apart(desk: Client, incident: Incident) -> None:
    url = f"/incidents/{incident.pk}"
    assert post(desk, f"{url}/answers", answers={"trapped": "no"})["status"] == 200
    incident.refresh_from_db()
    assert incident.priority == 1
    assert post(desk, f"{url}/priority", priority=3, siren=False)["status"] == 200
    incident.refresh_from_db()
    assert (incident.priority, incident.siren) == (3, False)


def test_closing_while_units_work_there_asks_once_more(desk: Client, incident: Incident) -> None:
    url = f"/incidents/{incident.pk}/close"
    asked = post(desk, url, disposition="handled")
    assert (asked["status"], asked["error"]["code"]) == (409, "confirm")
    assert asked["error"]["units"] == ["AMB-01"]
    assert post(desk, url, disposition="handled", confirm=True)["status"] == 200


def test_cancelling_calls_the_units_off(
    desk: Client, incident: Incident, browser_of: Browser
) -> None:
    url = f"/incidents/{incident.pk}/cancel"
    why = {"reason": "caller_withdrew", "note": "sudah aman", "confirm": True}
    refused = post(browser_of("call_taker"), url, **why)
    assert refused["error"]["code"] == "units"
    incident.refresh_from_db()
    assert incident.state == "in_progress"
    assert post(desk, url, **why)["status"] == 200
    assert incident.assignments.get().state == "cancelled"


def test_merge_link_unmerge_and_reopen(desk: Client, incident: Incident, actor: Who) -> None:
    from sigap.incidents.actions import open_incident

    other = open_incident("kecelakaan_lalin", actor=actor("call_taker"))
    assert post(desk, f"/incidents/{other.pk}/link", other=incident.pk)["status"] == 200
    assert post(desk, f"/incidents/{other.pk}/merge", into=incident.pk)["status"] == 200
    page = text(desk.get(f"/incidents/{incident.pk}"))
    assert f'href="/incidents/{other.pk}"' in page
    assert post(desk, f"/incidents/{other.pk}/unmerge")["status"] == 200
    assert post(desk, f"/incidents/{other.pk}/close", disposition="duplicate")["status"] == 200
    assert post(desk, f"/incidents/{other.pk}/reopen", reason="x")["error"]["code"] == "reason"
    assert post(desk, f"/incidents/{other.pk}/reopen", reason="recurred")["status"] == 200


def test_the_replay_has_a_moment_for_each_change(desk: Client, incident: Incident) -> None:
    response = desk.get(f"/incidents/{incident.pk}/replay")
    replay = response.context["replay"]
    assert [j["unit"] for j in replay["jobs"]] == ["AMB-01"]
    ends = [m["after"] for m in replay["moments"] if m["subject"].startswith("assignment:")]
    assert ends[:3] == ["proposed", "notified", "en_route"]
    assert replay["moments"] == sorted(replay["moments"], key=lambda m: m["at"])


def test_every_kind_that_a_file_can_hold_has_a_sentence() -> None:
    from sigap.console.words.sentences import templates
    from sigap.core.kinds import KINDS

    shown = {k for k in KINDS if k.split(".")[0] in ("call", "incident", "assignment", "alarm")}
    assert shown <= set(templates())


def test_erased_words_are_said_to_be_erased(desk: Client, incident: Incident) -> None:
    from sigap.core.actions.personal import erase_texts
    from sigap.core.actors import system

    post(desk, f"/incidents/{incident.pk}/note", text="rahasia sekali")
    erase_texts([f"incident:{incident.pk}"], actor=system("retention"))
    page = text(desk.get(f"/incidents/{incident.pk}"))
    assert "rahasia sekali" not in page


def test_an_unknown_incident_is_not_found(desk: Client) -> None:
    for path in ("", "/replay", "/timeline.json"):
        assert desk.get(f"/incidents/999{path}").status_code == 404
    assert post(desk, f"/incidents/{10**25}/note", text="x")["status"] == 404
