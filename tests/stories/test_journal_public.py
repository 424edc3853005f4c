"""The heads of the journal for everybody, and whether a case file belongs to them."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actions.days import close_days
from sigap.core.days import day_heads, proof_of, rows_of
from sigap.core.models import JournalDay
from sigap.public import pace
from sigap.public.views import journal as page

from .opening import TIMER, text_of

DAY = 24 * 3600
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_came_before() -> Iterator[None]:
    pace._counted.storage.reset()
    yield
    pace._counted.storage.reset()


@pytest.fixture
def case(ring: Callable[..., Call], time: clock.Frozen) -> dict[str, Any]:
    """The file of a call of yesterday."""
    call = ring()
    time.forward(DAY)
    assert close_days(actor=TIMER) == 1
    return case_file(f"call:{call.pk}")


def case_file(name: str) -> dict[str, Any]:
    return {
        "format": "sigap-case-1",
        "case": name,
        "covers": [name],
        "timeline": [],
        "attachments": [],
        "proof": proof_of(rows_of([name]), [name]),
    }


def check(client: Client, document: Any) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    given = {"file": SimpleUploadedFile("case.json", data)}
    answer = client.post("/transparansi/jurnal", given)
    assert answer.status_code in (200, 400, 413, 422, 429), answer.status_code
    return str(answer.content.decode())


def test_the_days_are_listed_and_can_be_kept(client: Client, case: dict[str, Any]) -> None:
    [day] = JournalDay.objects.all()
    assert day.head in text_of(client, "/transparansi/jurnal")
    kept = json.loads(client.get("/transparansi/jurnal/heads.json").content)
    assert kept == {"format": "sigap-heads-1", "city": "Kota Kediri", "days": day_heads()}


def test_a_case_file_that_fits_is_said_to(client: Client, case: dict[str, Any]) -> None:
    assert "<strong>Cocok</strong>" in check(client, case)


def test_one_in_which_a_row_was_changed_does_not(client: Client, case: dict[str, Any]) -> None:
    row = case["proof"]["rows"][0]
    row["text"] = row["text"].replace("call.presented", "call.close")
    found = check(client, case)
    assert "<strong>Tidak cocok</strong>" in found and "tidak seperti yang tercatat" in found


def test_one_that_leaves_out_a_row_does_not(
    client: Client, ring: Callable[..., Call], actor: Callable[..., Any], time: clock.Frozen
) -> None:
    from sigap.calls.actions import take_call

    call = ring()
    take_call(call.pk, actor=actor("call_taker"))
    time.forward(DAY)
    close_days(actor=TIMER)
    file = case_file(f"call:{call.pk}")
    assert "Cocok" in check(client, file)
    del file["proof"]["rows"][-1]
    assert "Tidak cocok" in check(client, file)


def test_of_today_nothing_can_be_checked_yet(client: Client, ring: Callable[..., Call]) -> None:
    found = check(client, case_file(f"call:{ring().pk}"))
    assert "Belum dapat diperiksa" in found and "<strong>Cocok" not in found


DEEP = b'{"format": "sigap-case-1", "proof": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
ODD: list[tuple[bytes, str]] = [
    (b"", "JSON"),
    (b"{", "JSON"),
    (b"\xff\xfe\x00", "JSON"),
    (b"[]", "bukan berkas kasus dari program ini"),
    (b"1" * 5000, "JSON"),
    (b'{"format": "sigap-case-1"}', "tidak memuat bukti"),
    (b'{"format": "sigap-case-1", "proof": {"rows": [1]}}', "bukan berkas kasus yang utuh"),
    (b'{"format": "sigap-case-1", "proof": {"rows": [{"seq": 1e999}]}}', "utuh"),
    (DEEP, "terlalu dalam"),
]


@pytest.mark.parametrize(("data", "words"), ODD, ids=[str(n) for n in range(len(ODD))])
def test_what_is_no_case_file_is_told_plainly(client: Client, data: bytes, words: str) -> None:
    assert words in check(client, data)


def test_a_form_without_a_file_says_so(client: Client) -> None:
    answer = client.post("/transparansi/jurnal", {})
    assert "Pilih berkas kasus dahulu" in answer.content.decode()


def test_what_is_too_large_or_too_long_is_refused(client: Client) -> None:
    assert "terlalu besar" in check(client, b" " * (10 * 1024 * 1024))
    rows = [{"seq": 1, "hash": "", "of": []}] * (page.MOST_ROWS + 1)
    long = {"format": "sigap-case-1", "proof": {"rows": rows}}
    assert "lebih banyak baris" in check(client, long)
    slow = {"rows": rows[:9], "days": [{"day": "2026-11-02", "fill": []}] * 5000}
    assert "lebih banyak baris" in check(client, {"format": "sigap-case-1", "proof": slow})


def test_nobody_keeps_the_checking_busy(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_CHECKS", "1/hour")
    check(client, b"{")
    assert "Terlalu" in check(client, b"{")


def test_words_of_a_file_are_shown_and_never_run(client: Client, case: dict[str, Any]) -> None:
    case["covers"] = ["<script>alert(1)</script>"]
    case["proof"]["rows"][0]["seq"] = 10**9
    assert "<script>" not in check(client, case)


def test_anybody_checks_at_home_with_the_program_that_is_offered(
    client: Client, case: dict[str, Any], tmp_path: Path
) -> None:
    for path in ("check_case.py", "heads.json"):
        (tmp_path / path).write_bytes(client.get(f"/transparansi/jurnal/{path}").content)
    (tmp_path / "case.json").write_text(json.dumps(case))
    command = [sys.executable, "-I", "check_case.py", "case.json", "heads.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "") and "rows hold" in done.stdout
