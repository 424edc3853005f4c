"""The case file that is printed and given out, and what anybody can prove with it."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from sigap.calls.actions import open_incident_for_call
from sigap.calls.models import Call
from sigap.complaints.actions import file_complaint
from sigap.complaints.models import Complaint
from sigap.console.papers.incidents import incident_paper
from sigap.console.papers.pdf import as_pdf
from sigap.core import check_case, clock
from sigap.core.actions.days import close_days
from sigap.core.actions.personal import erase_contacts, erase_texts
from sigap.core.actors import Actor, system
from sigap.core.check_case import verify_case, waiting
from sigap.core.days import day_heads
from sigap.core.journal import record
from sigap.core.kinds import NoteAdded
from sigap.core.models import Contact, Deployment, Journal
from sigap.core.transaction import transaction
from sigap.dispatch.actions import correct_time, send_units, step
from sigap.incidents.actions import add_note, merge_incident, open_incident
from sigap.incidents.models import Incident
from sigap.incidents.queries import get
from sigap.reviews.notes.actions import strike_note, write_note
from tests.conftest import START

Make = Callable[..., Call]
Browser = Callable[[str | None], Client]
Who = Callable[[str], Actor]
SECRETS = ("081233451190", "0812-3345-1190", "Brawijaya", "Bu Siti", "tertimpa")
TESTER = system("test")


@pytest.fixture
def incident(answered: Make, actor: Who) -> Incident:
    """An incident with a call, words of all kinds, a unit and a corrected time."""
    made = open_incident_for_call(
        answered().pk,
        "kecelakaan_lalin",
        actor=actor("call_taker"),
        address="Jl. Brawijaya 41",
        chronology="Bu Siti tertimpa",
        reporter="Bu Siti",
        lat=-7.8266,
        lng=112.0305,
        answers={"trapped": "yes"},
    )
    (job,) = send_units(made.pk, ["AMB-01"], actor=actor("dispatcher"), choice="radio")
    step(job.pk, "depart", actor=actor("dispatcher"), source="dispatcher")
    boss = actor("dispatcher")
    correct_time(job.pk, "en_route", START, reason="radio", actor=boss, source="dispatcher")
    add_note(made.pk, "Suami Bu Siti menunggu", actor=boss)
    made.refresh_from_db()
    return made


def tomorrow(time: clock.Frozen) -> None:
    """The next noon in the city, with all days before it closed."""
    time.at = time.at.replace(hour=5, minute=0) + timedelta(days=1)
    while close_days(actor=TESTER):
        pass


def printed(client: Client, case: str, name: str = "case") -> dict[str, Any]:
    noun, _colon, key = case.partition(":")
    response = client.get(f"/{noun}s/{key}/{name}.json")
    assert response.status_code == 200, response.content
    return dict(json.loads(response.content))


@pytest.fixture
def proven(
    incident: Incident, browser_of: Browser, time: clock.Frozen
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A case file of a day that is published, with the published heads. What the printing itself
    adds is published a day later."""
    tomorrow(time)
    printed(browser_of("supervisor"), f"incident:{incident.pk}")
    tomorrow(time)
    return printed(browser_of("supervisor"), f"incident:{incident.pk}"), day_heads()


def codes(document: dict[str, Any], heads: list[dict[str, Any]]) -> set[str]:
    return {fault.code for fault in verify_case(document, heads)}


def test_the_case_file_tells_who_did_what_and_what_was_recommended(
    incident: Incident, browser_of: Browser
) -> None:
    document = printed(browser_of("supervisor"), f"incident:{incident.pk}")
    values = [value for _label, value in document["facts"]]
    assert "P2" in values or "P1" in values
    (unit,) = document["units"]
    assert unit["unit"] == "AMB-01" and unit["times"][-1]["source"]
    assert [time["corrected"] for time in unit["times"]].count(True) == 1
    (call,) = document["calls"]
    assert call["number"] == "0812-3345-1190"
    words = " ".join(word["text"] for word in document["words"])
    assert "Bu Siti tertimpa" in words and "Suami Bu Siti" in words
    kinds = [line["kind"] for line in document["timeline"]]
    assert kinds[0] == "call.presented" and kinds[-1] == "person.opened"


def test_that_it_was_printed_is_recorded_with_its_edition(
    incident: Incident, browser_of: Browser
) -> None:
    for name, screen in (("case", "case_full"), ("release", "case_release")):
        printed(browser_of("dispatcher"), f"incident:{incident.pk}", name)
        last = Journal.objects.latest("seq")
        assert (last.kind, last.body) == ("person.opened", {"screen": screen})


@pytest.mark.parametrize("role", ["agency", "agency_head", "crew", "evaluator", "administrator"])
def test_it_is_for_those_who_may_open_the_case(
    role: str, incident: Incident, browser_of: Browser
) -> None:
    for name in ("case.pdf", "case.json", "release.pdf", "release.json"):
        assert browser_of(role).get(f"/incidents/{incident.pk}/{name}").status_code == 403
    assert not Journal.objects.filter(kind="person.opened").exists()


def test_a_case_that_is_not_there_is_not_found(browser_of: Browser) -> None:
    for address in ("/incidents/999999/case.pdf", "/complaints/999999/release.json"):
        assert browser_of("supervisor").get(address).status_code == 404


def test_the_paper_is_tagged_and_has_the_case_file_in_it(
    incident: Incident, browser_of: Browser
) -> None:
    response = browser_of("supervisor").get(f"/incidents/{incident.pk}/case.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-1.7")
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"case.json", b"/Lang"):
        assert mark in response.content


def test_each_row_holds_against_the_published_heads(proven: Any) -> None:
    document, heads = proven
    assert verify_case(document, heads) == []
    assert waiting(document, heads) == 1  # that it was printed just now
    assert len(document["proof"]["rows"]) > 8
    assert {day["day"] for day in document["heads"]} == {"2026-11-02", "2026-11-03"}


def test_before_the_first_day_is_published_all_rows_wait(
    incident: Incident, browser_of: Browser
) -> None:
    document = printed(browser_of("supervisor"), f"incident:{incident.pk}")
    assert verify_case(document, []) == []
    assert waiting(document, []) == len(document["proof"]["rows"])


def change_a_field(document: dict[str, Any]) -> None:
    row = document["proof"]["rows"][3]
    row["text"] = row["text"].replace('"user:', '"user:9', 1)


def change_the_timeline(document: dict[str, Any]) -> None:
    document["timeline"][3]["at"] = "2026-11-02T00:00:00+00:00"


def leave_a_row_out(document: dict[str, Any]) -> None:
    seq = document["proof"]["rows"].pop(4)["seq"]
    document["timeline"] = [line for line in document["timeline"] if line["seq"] != seq]


def leave_a_row_out_and_fill_its_place(document: dict[str, Any]) -> None:
    """As somebody would who knows how the proof works: the day still gives its root."""
    from sigap.core.days import fill
    from sigap.core.models import JournalDay

    leave_a_row_out(document)
    day = JournalDay.objects.earliest("day")
    rows = Journal.objects.filter(seq__lte=day.last_seq).order_by("seq")
    leaves = [check_case.leaf(bytes.fromhex(row.hash)) for row in rows]
    shown = [row["seq"] - 1 for row in document["proof"]["rows"] if row["seq"] <= day.last_seq]
    document["proof"]["days"][0]["fill"] = fill(leaves, shown)


def swap_two_rows(document: dict[str, Any]) -> None:
    rows = document["proof"]["rows"]
    rows[2], rows[3] = rows[3], rows[2]


def give_rows_each_others_numbers(document: dict[str, Any]) -> None:
    rows = document["proof"]["rows"]
    rows[2]["text"], rows[3]["text"] = rows[3]["text"], rows[2]["text"]


def take_the_proof_away(document: dict[str, Any]) -> None:
    document["proof"]["days"] = []


def call_it_unpublished(document: dict[str, Any]) -> None:
    document["proof"] |= {"days": [], "cases": [], "published_to": 0}


def forget_a_case(document: dict[str, Any]) -> None:
    document["proof"]["cases"] = document["proof"]["cases"][1:]


def cover_nothing(document: dict[str, Any]) -> None:
    document["covers"] = []
    document["proof"]["cases"] = []


def add_an_attachment(document: dict[str, Any]) -> None:
    document["attachments"].append({"sha256": "ab" * 32})


def break_it(document: dict[str, Any]) -> None:
    document["proof"]["rows"][0] = {"seq": 1}


def break_it_more(document: dict[str, Any]) -> None:
    document["proof"] = None


FORGERIES = {
    change_a_field: "changed",
    change_the_timeline: "untrue",
    leave_a_row_out: "changed",
    leave_a_row_out_and_fill_its_place: "left_out",
    swap_two_rows: "order",
    give_rows_each_others_numbers: "changed",
    take_the_proof_away: "unproven",
    call_it_unpublished: "outdated",
    forget_a_case: "left_out",
    cover_nothing: "left_out",
    add_an_attachment: "untrue",
    break_it: "unreadable",
    break_it_more: "unreadable",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forgery_is_found(forge: Callable[[dict[str, Any]], None], proven: Any) -> None:
    document, heads = proven
    forged = copy.deepcopy(document)
    forge(forged)
    assert FORGERIES[forge] in codes(forged, heads)


def test_heads_that_lack_a_day_or_are_too_old_are_named(proven: Any) -> None:
    document, heads = proven
    assert "heads" in codes(document, heads[1:])
    assert codes(document, heads[:1]) == {"old_heads"}


def test_the_script_for_outsiders_needs_nothing_but_the_two_files(
    proven: Any, tmp_path: Path
) -> None:
    document, heads = proven
    script = tmp_path / "check_case.py"
    script.write_bytes(Path(check_case.__file__).read_bytes())
    (tmp_path / "heads.json").write_text(json.dumps({"days": heads}), encoding="utf-8")

    def check(said: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "case.json").write_text(json.dumps(said), encoding="utf-8")
        command = [sys.executable, "-I", "-S", script.name, "case.json", "heads.json"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert check(document).returncode == 0
    assert "rows hold; 1 are not published yet" in check(document).stdout
    leave_a_row_out(document)
    assert check(document).returncode == 1
    assert "FAULT changed (2026-11-02)" in check(document).stdout


def test_the_edition_for_release_has_no_names_numbers_addresses_or_words(
    incident: Incident, browser_of: Browser, actor: Who, time: clock.Frozen
) -> None:
    write_note("Bu Siti benar", at=START, incident_id=incident.pk, actor=actor("supervisor"))
    tomorrow(time)
    document = printed(browser_of("supervisor"), f"incident:{incident.pk}", "release")
    told = json.dumps(document, ensure_ascii=False)
    for secret in (*SECRETS, "-7.82", "Dispatcher", "Call Taker", "Suami"):
        assert secret not in told
    assert verify_case(document, day_heads()) == []
    hidden = [row for row in document["proof"]["rows"] if "text" not in row]
    assert len(hidden) == 1  # the triage answers: how somebody was
    assert "trapped" not in told
    assert browser_of("supervisor").get(f"/incidents/{incident.pk}/release.pdf").status_code == 200


def test_a_withheld_row_cannot_hide_that_it_is_there(proven: Any) -> None:
    document, heads = proven
    row = document["proof"]["rows"][4]
    parsed = json.loads(row["text"])
    of = sorted({parsed[6], parsed[7]} - {""})
    seq = row["seq"]
    hashes = {line["seq"]: line["hash"] for line in document["timeline"]}
    document["proof"]["rows"][4] = {"seq": seq, "hash": hashes[seq], "of": of}
    document["timeline"] = [line for line in document["timeline"] if line["seq"] != seq]
    assert verify_case(document, heads) == []
    document["proof"]["rows"][4]["of"] = []
    assert codes(document, heads) == {"left_out"}


def test_an_erased_person_is_erased_in_the_case_file_and_the_proof_still_holds(
    proven: Any, incident: Incident, browser_of: Browser
) -> None:
    erase_contacts(Contact.objects.all(), actor=TESTER)
    erase_texts([f"incident:{incident.pk}"], actor=TESTER)
    document = printed(browser_of("supervisor"), f"incident:{incident.pk}")
    told = json.dumps(document, ensure_ascii=False)
    for secret in SECRETS:
        assert secret not in told
    assert document["calls"][0]["number"] in ("erased", "dihapus")
    assert verify_case(document, day_heads()) == []
    page = browser_of("supervisor").get(f"/incidents/{incident.pk}/case.pdf")
    assert page.status_code == 200


def test_a_merged_incident_is_in_the_file_of_the_one_that_carries_on_and_the_reverse(
    incident: Incident, actor: Who, browser_of: Browser, time: clock.Frozen
) -> None:
    other = open_incident(
        "kecelakaan_lalin", actor=actor("dispatcher"), priority=1, lat=-7.8266, lng=112.0306
    )
    merge_incident(other.pk, incident.pk, actor=actor("dispatcher"))
    tomorrow(time)
    whole = printed(browser_of("supervisor"), f"incident:{incident.pk}")
    assert f"incident:{other.pk}" in whole["covers"]
    assert verify_case(whole, day_heads()) == []
    part = printed(browser_of("supervisor"), f"incident:{other.pk}")
    assert f"#{incident.pk}" in [value for _label, value in part["facts"]]
    assert verify_case(part, day_heads()) == []


def test_a_case_over_midnight_and_new_year_is_proven_by_each_of_its_days(
    actor: Who, time: clock.Frozen
) -> None:
    time.at = datetime(2026, 12, 31, 16, 59, 30, tzinfo=UTC)
    boss = actor("dispatcher")
    made = open_incident("kecelakaan_lalin", actor=boss, priority=2, area_code="")
    for i in range(4):
        add_note(made.pk, f"catatan {i}", actor=boss)
        time.forward(15)
    tomorrow(time)
    tomorrow(time)
    document = incident_paper(get(made.pk), actor("supervisor"), "full")
    assert [day["day"] for day in document["heads"]] == ["2026-12-31", "2027-01-01"]
    assert verify_case(document, day_heads()) == []
    assert as_pdf(document).startswith(b"%PDF")


def test_a_drill_is_marked_on_every_case_file(incident: Incident, browser_of: Browser) -> None:
    Deployment.objects.update(drill=True)
    assert printed(browser_of("supervisor"), f"incident:{incident.pk}")["drill"] is True
    assert browser_of("supervisor").get(f"/incidents/{incident.pk}/case.pdf").status_code == 200


def test_a_case_of_which_the_journal_has_no_row_is_told_plainly(browser_of: Browser) -> None:
    """As one that was put into the tables past the record."""
    from sigap.incidents.models import IncidentType

    kind = IncidentType.objects.earliest("pk")
    bare = Incident.objects.create(type=kind, priority=3, opened_at=START)
    document = printed(browser_of("supervisor"), f"incident:{bare.pk}")
    assert [line["kind"] for line in document["timeline"]] == ["person.opened"]
    assert verify_case(document, day_heads()) == []


def test_a_case_of_very_many_rows_is_printed_and_proven(
    incident: Incident, browser_of: Browser, time: clock.Frozen
) -> None:
    with transaction():
        for _i in range(1500):
            record(
                "incident.note",
                subject=f"incident:{incident.pk}",
                case=f"incident:{incident.pk}",
                actor=TESTER,
                body=NoteAdded(text_id=999_999),
            )
    tomorrow(time)
    document = printed(browser_of("supervisor"), f"incident:{incident.pk}")
    assert len(document["timeline"]) > 1500
    assert verify_case(document, day_heads()) == []


def test_after_action_notes_are_in_the_whole_file_also_when_struck(
    incident: Incident, actor: Who, browser_of: Browser
) -> None:
    boss = actor("supervisor")
    note = write_note("Terlambat 2 menit", at=START, incident_id=incident.pk, actor=boss)
    strike_note(note.pk, reason="untrue", actor=boss)
    document = printed(browser_of("supervisor"), f"incident:{incident.pk}")
    (told,) = document["review_notes"]
    assert told["text"] == "Terlambat 2 menit" and told["struck"]
    kinds = [line["kind"] for line in document["timeline"]]
    assert "review_note.written" in kinds and "review_note.struck" in kinds


@pytest.fixture
def complaint() -> Complaint:
    return file_complaint(
        channel="web",
        body="Lampu di depan rumah Bu Siti mati",
        category="",
        address="Jl. Brawijaya 41",
        number="081233451190",
        name="Bu Siti",
        actor=TESTER,
    )


def test_the_file_of_a_complaint_holds_and_its_release_has_no_words_that_are_not_released(
    complaint: Complaint, browser_of: Browser, time: clock.Frozen
) -> None:
    tomorrow(time)
    case = f"complaint:{complaint.pk}"
    whole = printed(browser_of("call_taker"), case)
    assert "rumah Bu Siti" in json.dumps(whole, ensure_ascii=False)
    assert verify_case(whole, day_heads()) == []
    release = printed(browser_of("call_taker"), case, "release")
    told = json.dumps(release, ensure_ascii=False)
    for secret in (*SECRETS, complaint.number, "Lampu di depan"):
        assert secret not in told
    assert verify_case(release, day_heads()) == []
    for name in ("case.pdf", "release.pdf"):
        page = browser_of("call_taker").get(f"/complaints/{complaint.pk}/{name}")
        assert page.content.startswith(b"%PDF")


def test_a_secret_report_is_given_out_to_nobody(complaint: Complaint, browser_of: Browser) -> None:
    Complaint.objects.filter(pk=complaint.pk).update(secret=True)
    answer = browser_of("call_taker").get(f"/complaints/{complaint.pk}/release.json")
    assert answer.status_code == 409
    assert browser_of("call_taker").get(f"/complaints/{complaint.pk}/case.json").status_code == 200
