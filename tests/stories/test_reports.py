"""A report is drafted, its findings written, it is signed, and what was signed stands."""

import csv
import io
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import translation

from sigap.console.views.reports import paper_of
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing, Refused
from sigap.core.journal import verify
from sigap.core.models import Deployment, Journal, Text
from sigap.evaluation.cli import monev
from sigap.evaluation.paper import shown, thawed
from sigap.fleet.models import Agency
from sigap.places.models import Area
from sigap.reviews.models import Report
from sigap.reviews.reports.actions import (
    draft_edition,
    draft_report,
    drop_report,
    sign_report,
    write_findings,
)
from sigap.reviews.reports.queries import is_as_signed

from .test_monev import count, incident, sent

Who = Callable[[str], Actor]
Browser = Callable[[str | None], Client]
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
FIRST_WORDS = "Panggilan iseng turun di Mojoroto."
FINDINGS = f"{FIRST_WORDS}\n\nUsul: sosialisasi di sekolah."


@pytest.fixture(autouse=True)
def _month() -> None:
    """A month with some of everything, before the day on which the clock stands."""
    for call_class, n in {"emergency": 6, "prank": 30, "silent": 60, "information": 4}.items():
        count(call_class, "2026-10-05 10:00", n)
    sent(incident("1", "2026-10-06 08:00"), "DAM-01", 30, 90, 400)


@pytest.fixture
def draft(actor: Who) -> Report:
    return draft_report(FIRST, LAST, actor=actor("evaluator"))


@pytest.fixture
def signed(draft: Report, browser_of: Browser) -> Report:
    browser = browser_of("evaluator")
    told = {"findings": FINDINGS, "version": draft.version}
    assert browser.post(f"/monev/reports/{draft.pk}/findings", told).status_code == 302
    answer = browser.post(f"/monev/reports/{draft.pk}/sign", {"version": draft.version + 1})
    assert answer.status_code == 302
    return Report.objects.get(pk=draft.pk)


def page(browser: Client, report: Report, status: int = 200) -> str:
    answer = browser.get(f"/monev/reports/{report.pk}")
    assert answer.status_code == status
    return str(answer.content.decode())


def paper_rows(browser: Client, report: Report) -> dict[tuple[str, str, str], str]:
    content = browser.get(f"/monev/reports/{report.pk}/paper.csv").content.decode()
    rows = csv.DictReader(io.StringIO(content))
    return {(row["table"], row["line"], row["column"]): row["value"] for row in rows}


def test_somebody_begins_a_report_writes_findings_and_signs_it(
    signed: Report, browser_of: Browser, journal: Callable[[], list[str]]
) -> None:
    assert signed.state == "signed" and len(signed.sha256) == 64
    told = page(browser_of("administrator"), signed)
    assert "Evaluator, " in told and signed.sha256 in told
    assert "sosialisasi di sekolah" in told
    row = Journal.objects.get(kind="report.sign")
    assert row.body["sha256"] == signed.sha256 and row.body["role"] == "evaluator"
    assert verify().broken_seq is None


def test_a_report_begins_on_the_screen(browser_of: Browser) -> None:
    browser = browser_of("supervisor")
    form = {"first": "2026-10-01", "last": "2026-10-31", "agency": "damkar"}
    form |= {"compare_first": "2026-09-01", "compare_last": "2026-09-30"}
    answer = browser.post("/monev/reports", form)
    report = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/monev/reports/{report.pk}")
    assert report.agency == "damkar" and report.compare_first == date(2026, 9, 1)
    assert "Oktober 2026" in page(browser, report)
    assert f"/monev/reports/{report.pk}" in browser.get("/monev/reports").content.decode()


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"first": "2026-10-02", "last": "2026-10-01"}, 400),
        ({"first": "1800-10-02", "last": "2026-10-01"}, 400),
        ({"first": "2026-10-02", "last": "x"}, 400),
        ({"first": "2026-10-01", "last": "2026-10-02", "agency": "nowhere"}, 404),
    ],
)
def test_what_cannot_be_a_period_is_told(
    browser_of: Browser, form: dict[str, str], status: int
) -> None:
    assert browser_of("evaluator").post("/monev/reports", form).status_code == status
    assert not Report.objects.exists()


def test_only_who_may_signs(draft: Report, actor: Who, browser_of: Browser) -> None:
    write_findings(draft.pk, FINDINGS, actor=actor("administrator"))
    with pytest.raises(Forbidden):
        sign_report(draft.pk, "{}", version=None, actor=actor("administrator"))
    answer = browser_of("administrator").post(f"/monev/reports/{draft.pk}/sign", {"version": 1})
    assert answer.status_code == 403
    assert Report.objects.get(pk=draft.pk).state == "draft"


def test_nothing_is_signed_without_findings_or_before_the_period_is_over(
    draft: Report, actor: Who, browser_of: Browser
) -> None:
    with pytest.raises(Refused):
        sign_report(draft.pk, "{}", version=0, actor=actor("evaluator"))
    running = draft_report(FIRST, date(2026, 11, 2), actor=actor("evaluator"))
    write_findings(running.pk, FINDINGS, actor=actor("evaluator"))
    answer = browser_of("evaluator").post(f"/monev/reports/{running.pk}/sign", {"version": 1})
    assert answer.status_code == 409 and FIRST_WORDS in answer.content.decode()


def test_findings_that_two_people_write_at_once_are_both_there(
    draft: Report, browser_of: Browser
) -> None:
    mine, yours = browser_of("evaluator"), browser_of("supervisor")
    address = f"/monev/reports/{draft.pk}/findings"
    yours.post(address, {"findings": "Kata saya", "version": 0})
    answer = mine.post(address, {"findings": "Kata Anda", "version": 0})
    shown = answer.content.decode()
    assert answer.status_code == 409 and "Kata saya" in shown and "Kata Anda" in shown
    # Brought together with what the form carries now.
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version
    both = {"findings": "Kata saya. Kata Anda", "version": version[1]}
    assert mine.post(address, both).status_code == 302
    kept = Text.objects.filter(field="findings").values_list("body", flat=True)
    assert set(kept) == {"Kata saya", "Kata saya. Kata Anda"}


def test_findings_that_changed_since_somebody_looked_are_not_signed(
    draft: Report, actor: Who, browser_of: Browser
) -> None:
    write_findings(draft.pk, FINDINGS, actor=actor("evaluator"))
    write_findings(draft.pk, "Lain", actor=actor("supervisor"))
    with pytest.raises(Conflict):
        sign_report(draft.pk, "{}", version=1, actor=actor("evaluator"))


def test_figures_that_changed_since_somebody_looked_are_not_signed(
    draft: Report, actor: Who, browser_of: Browser
) -> None:
    browser = browser_of("evaluator")
    write_findings(draft.pk, FINDINGS, actor=actor("evaluator"))
    seen = re.search(r'name="figures" value="(\w+)"', page(browser, draft))
    assert seen
    form = {"version": "1", "figures": seen[1]}
    count("prank", "2026-10-07 10:00")
    assert browser.post(f"/monev/reports/{draft.pk}/sign", form).status_code == 409
    seen = re.search(r'name="figures" value="(\w+)"', page(browser, draft))
    assert seen
    form["figures"] = seen[1]
    assert browser.post(f"/monev/reports/{draft.pk}/sign", form).status_code == 302


def test_what_was_signed_stands_when_records_change_and_the_page_says_that_they_did(
    signed: Report, browser_of: Browser
) -> None:
    browser = browser_of("evaluator")
    pdf = browser.get(f"/monev/reports/{signed.pk}/paper.pdf").content
    before = paper_rows(browser, signed)
    assert 'id="changed-title"' not in page(browser, signed)
    count("prank", "2026-10-07 10:00", 3)
    shown = page(browser, signed)
    assert 'id="changed-title"' in shown
    assert paper_rows(browser, signed) == before
    assert before["calls", "prank", "calls"] == "30"
    assert browser.get(f"/monev/reports/{signed.pk}/paper.pdf").content == pdf


def test_a_new_edition_replaces_the_one_before_and_both_stay(
    signed: Report, actor: Who, browser_of: Browser
) -> None:
    count("prank", "2026-10-07 10:00", 3)
    browser = browser_of("supervisor")
    browser.post(f"/monev/reports/{signed.pk}/edition")
    fresh = Report.objects.get(replaces=signed)
    assert (fresh.edition, fresh.state) == (2, "draft")
    with pytest.raises(Refused):
        draft_edition(signed.pk, actor=actor("evaluator"))
    assert FIRST_WORDS in page(browser, fresh)
    assert browser.post(f"/monev/reports/{fresh.pk}/sign", {"version": 0}).status_code == 302
    assert Report.objects.get(pk=signed.pk).state == "replaced"
    assert paper_rows(browser, fresh)["calls", "prank", "calls"] == "33"
    assert paper_rows(browser, signed)["calls", "prank", "calls"] == "30"
    assert f"/monev/reports/{fresh.pk}" in page(browser, signed)


def test_what_is_signed_takes_no_more_words_and_a_draft_may_be_dropped(
    signed: Report, actor: Who
) -> None:
    with pytest.raises(Refused):
        write_findings(signed.pk, "Lain", actor=actor("evaluator"))
    with pytest.raises(Refused):
        drop_report(signed.pk, actor=actor("evaluator"))
    edition = draft_edition(signed.pk, actor=actor("evaluator"))
    assert drop_report(edition.pk, actor=actor("evaluator")).state == "dropped"
    # Another one may be begun then.
    assert draft_edition(signed.pk, actor=actor("evaluator")).edition == 2


def test_what_somebody_changed_in_the_database_is_seen(signed: Report, browser_of: Browser) -> None:
    assert is_as_signed(signed)
    forged = signed.figures.replace('"value":30', '"value":29')
    Report.objects.filter(pk=signed.pk).update(figures=forged)
    assert not is_as_signed(Report.objects.get(pk=signed.pk))
    assert 'role="alert"' in page(browser_of("evaluator"), signed)


def test_an_agency_that_is_renamed_and_a_boundary_that_moves_do_not_touch_what_was_signed(
    signed: Report, browser_of: Browser
) -> None:
    was = Agency.objects.get(code="damkar").name
    Agency.objects.filter(code="damkar").update(name="Dinas Baru", name_en="New")
    square = [[[112.0, -7.8], [112.01, -7.8], [112.01, -7.81], [112.0, -7.8]]]
    area = Area.objects.order_by("code")[0]
    Area.objects.filter(pk=area.pk).update(boundary={"type": "Polygon", "coordinates": square})
    shown = page(browser_of("evaluator"), signed)
    assert was in shown and "Dinas Baru" not in shown
    # The figures are the same: a name and an outline are none.
    assert 'id="changed-title"' not in shown


def test_the_findings_may_be_erased_and_the_figures_stay(
    signed: Report, browser_of: Browser
) -> None:
    Text.objects.filter(field="findings").update(body="", erased_at=clock.now())
    browser = browser_of("evaluator")
    shown = page(browser, signed)
    assert FIRST_WORDS not in shown and 'id="changed-title"' not in shown
    assert paper_rows(browser, signed)["calls", "prank", "calls"] == "30"


def test_the_pdf_is_tagged_and_says_its_language_title_and_findings(
    signed: Report, browser_of: Browser
) -> None:
    answer = browser_of("evaluator").get(f"/monev/reports/{signed.pk}/paper.pdf")
    content = answer.content
    assert answer["Content-Type"] == "application/pdf" and content[:5] == b"%PDF-"
    for part in (b"/StructTreeRoot", b"/MarkInfo", b"/Marked true", b"/Lang(id)", b"pdfuaid"):
        assert part in content, part
    found = objects_of(content)
    kinds = set(re.findall(rb"/S ?/(\w+)", b"".join(found)))
    assert {b"H1", b"Table", b"TH", b"TD", b"Figure", b"Link"} <= kinds
    assert re.search(rb"/Alt", b"".join(found))


def test_the_command_makes_a_pdf_without_findings(tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    days = ["paper", "--from", "2026-10-01", "--to", "2026-10-31", "-o", str(paper)]
    told = CliRunner().invoke(monev, days)
    assert told.exit_code == 0 and paper.read_bytes()[:5] == b"%PDF-"
    assert CliRunner().invoke(monev, [*days, "--agency", "nowhere"]).exit_code == 1


def objects_of(content: bytes) -> list[bytes]:
    """The objects of a PDF, also those in compressed streams."""
    found = [content]
    for stream in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(stream[1]))
        except zlib.error:
            continue
    return found


def test_a_drill_is_marked_on_every_page(draft: Report, browser_of: Browser) -> None:
    Deployment.objects.update(drill=True)
    browser = browser_of("evaluator")
    assert "LATIHAN" in page(browser, draft)
    answer = browser.get(f"/monev/reports/{draft.pk}/paper.pdf")
    assert 'filename="latihan-' in answer["Content-Disposition"]
    # The paper's layout puts this on each page.
    assert shown(paper_of(draft))["drill"] == "LATIHAN"


def test_a_report_of_the_city_is_not_taken_for_one_of_a_drill(
    signed: Report, browser_of: Browser
) -> None:
    assert "LATIHAN" not in page(browser_of("evaluator"), signed)
    assert not thawed(signed.figures).drill


@pytest.mark.parametrize("address", ["", "/paper.pdf", "/paper.csv"])
def test_a_report_that_is_not_there_is_missing(browser_of: Browser, address: str) -> None:
    assert browser_of("evaluator").get(f"/monev/reports/999999{address}").status_code == 404


def test_errors_of_actions_are_told(actor: Who) -> None:
    with pytest.raises(Missing):
        write_findings(999999, "x", actor=actor("evaluator"))
    with pytest.raises(Invalid):
        draft_report(LAST, FIRST, actor=actor("evaluator"))
    with pytest.raises(Forbidden):
        draft_report(FIRST, LAST, actor=actor("dispatcher"))


@pytest.fixture(autouse=True)
def _in_indonesian() -> Iterator[None]:
    with translation.override("id"):
        yield
