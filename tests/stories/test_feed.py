"""The national feed: records under the names of a map of fields, and nothing of a person."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from sigap.calls.models import Call
from sigap.complaints.actions import file_complaint
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.evaluation.cli import monev
from sigap.evaluation.feed import FIELDS, READERS, feed, feed_csv, field_map
from sigap.evaluation.period import period_of

from .test_monev import count, incident, sent

Browser = Callable[[str | None], Client]
DAY = date(2026, 11, 2)
DAYS = ["--from", "2026-11-02", "--to", "2026-11-02"]


@pytest.fixture(autouse=True)
def _day(ring: Callable[..., Call], actor: Callable[[str], Actor]) -> None:
    count("prank", "2026-11-02 01:00", 2)
    count("prank", "2026-11-01 23:59")
    sent(incident("1"), "DAM-01", 30, 90, None)
    ring("081298765432")
    words = "lampu mati di rumah Bu Kenari"
    file_complaint(
        channel="desk",
        body=words,
        name="Bu Kenari",
        number="081298765432",
        address="Jl. Melati 7",
        actor=actor("call_taker"),
    )


@pytest.fixture
def own_map(tmp_path: Path, settings: Any) -> Callable[[str], None]:
    """The city's own map in the data folder."""
    settings.ENV = settings.ENV.model_copy(update={"data_dir": tmp_path})

    def write(words: str) -> None:
        (tmp_path / "feed.toml").write_text(words, encoding="utf-8")

    return write


def today() -> Any:
    return period_of(DAY, DAY)


def test_it_has_the_records_of_the_period_and_unknown_is_null() -> None:
    found = feed(today())
    assert (found["city"], found["drill"], found["from"]) == ("kediri", False, "2026-11-02")
    assert len(found["calls"]) == 3 and len(found["complaints"]) == 1
    (one,) = found["incidents"]
    assert one["received_at"] == "2026-11-01T19:00:00Z" and one["agencies"] == ["damkar"]
    assert one["on_scene_at"] is None and one["area_code"] is None


def test_it_holds_nothing_of_a_person() -> None:
    told = json.dumps(feed(today())).lower()
    for canary in ("kenari", "98765432", "melati", "lampu"):
        assert canary not in told
    forbidden = {"number", "name", "address", "lat", "lng", "body", "contact"}
    assert not forbidden & {field for fields in FIELDS.values() for field in fields}


def test_what_is_read_is_what_is_promised() -> None:
    for part, fields in FIELDS.items():
        for record in READERS[part](today()):
            assert set(record) == set(fields), part


def test_the_citys_own_map_renames_and_picks(own_map: Callable[[str], None]) -> None:
    own_map('[incidents]\nid = "no_tiket"\ntype = "jenis"\n')
    found = feed(today())
    assert set(found) == {"format", "city", "drill", "from", "to", "incidents"}
    assert [*found["incidents"][0]] == ["no_tiket", "jenis"]
    with pytest.raises(Invalid):
        feed_csv(today(), "calls")


@pytest.mark.parametrize(
    "words",
    [
        '[incidents]\nid = "a"\nnumber = "b"\n',
        '[people]\nid = "a"\n',
        '[incidents]\nid = "a"\ntype = "a"\n',
        "[incidents]\nid = 3\n",
        "[incidents\n",
        'incidents = "all"\n',
    ],
)
def test_a_map_that_is_wrong_is_refused(own_map: Callable[[str], None], words: str) -> None:
    own_map(words)
    with pytest.raises(Invalid):
        field_map()


def test_the_command_prints_it() -> None:
    told = CliRunner().invoke(monev, ["feed", *DAYS])
    assert told.exit_code == 0 and len(json.loads(told.output)["calls"]) == 3
    table = CliRunner().invoke(monev, ["feed", *DAYS, "--format", "csv", "--part", "calls"])
    rows = list(csv.DictReader(io.StringIO(table.output)))
    assert [row["class"] for row in rows] == ["prank", "prank", ""]
    assert CliRunner().invoke(monev, ["feed"]).exit_code == 2
    assert CliRunner().invoke(monev, []).exit_code == 2


def test_it_is_taken_away_from_the_screen(browser_of: Browser) -> None:
    browser = browser_of("evaluator")
    days = "from=2026-11-02&to=2026-11-02"
    answer = browser.get(f"/monev/feed?{days}")
    assert len(answer.json()["incidents"]) == 1
    table = browser.get(f"/monev/feed?{days}&format=csv&part=complaints")
    assert table["Content-Disposition"].endswith('umpan-complaints-2026-11-02-2026-11-02.csv"')
    assert browser.get(f"/monev/feed?{days}&format=csv&part=people").status_code == 400
