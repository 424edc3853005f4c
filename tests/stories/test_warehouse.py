"""The warehouse: what `sigap monev` prints, from Parquet that holds nobody's data."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from django.utils import translation

from sigap.calls.actions import (
    close_call,
    enter_call,
    import_call,
    link_call,
    open_incident_for_call,
    reclassify_call,
)
from sigap.calls.models import Call
from sigap.complaints.actions import file_complaint
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Invalid, Missing
from sigap.core.journal import GENESIS, digest, verify
from sigap.core.models import Contact, Deployment, Journal
from sigap.dispatch.actions import end_incident, send_units, step
from sigap.evaluation.cli import monev
from sigap.evaluation.evaluate import Evaluation, evaluate
from sigap.evaluation.period import period_of
from sigap.evaluation.warehouse import export as writing
from sigap.evaluation.warehouse import figures, manifest
from sigap.evaluation.warehouse.cli import warehouse
from sigap.evaluation.warehouse.export import export
from sigap.evaluation.warehouse.figures import Figures
from sigap.evaluation.warehouse.measures import ERROR
from sigap.fleet.models import Agency
from sigap.incidents.actions import merge_incident
from tests.simulated import DAYS, simulate

WIB = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 11, 2)
TYPE = "kebakaran_bangunan"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def from_parquet(root: Path, first: date = TODAY, last: date = TODAY, **more: Any) -> Figures:
    return figures.evaluate(root, at(first), at(last), **more)


def plain(found: Evaluation | Figures) -> dict[str, Any]:
    """Every figure that both have, without names."""
    every = asdict(found)
    kept = {key: every[key] for key in ("calls", "incidents", "clocks")}
    for section in ("by_agency", "by_type", "by_area", "by_priority"):
        kept[section] = [{k: v for k, v in g.items() if k != "name"} for g in every[section]]
    complaints = every["complaints"]
    kept["complaints"] = {key: complaints[key] for key in ("all", "complaints", "other")}
    for section in ("by_class", "by_category", "by_area", "by_channel", "by_state", "by_agency"):
        rows = [(g["code"], g["complaints"]) for g in complaints[section]]
        kept[f"complaints_{section}"] = sorted(rows)
    return kept


def same_as_monev(root: Path, first: date = TODAY, last: date = TODAY) -> dict[str, Any]:
    """Export, compare all figures, and those that come from the journal alone; returns them."""
    export(root)
    known = plain(evaluate(period_of(first, last)))
    assert plain(from_parquet(root, first, last)) == known
    told = from_parquet(root, first, last, from_journal=True)
    assert asdict(told.calls) == known["calls"]
    without_targets = {c: {**f, "targets": []} for c, f in known["clocks"].items()}
    assert {c: asdict(f) for c, f in told.clocks.items()} == without_targets
    return known


def rows_of(root: Path, name: str) -> list[dict[str, Any]]:
    """All rows of a table, file by file as the manifest names them."""
    known = manifest.read_one(root, "kediri")
    assert known
    return [
        row
        for part in known.tables[name]
        for row in pq.ParquetFile(root / part.path).read().to_pylist()
    ]


def months(root: Path, name: str) -> list[str]:
    return sorted({p.parent.name.removeprefix("month=") for p in root.glob(f"{name}/*/*/*")})


def imported(key: str, when: str, call_class: str = "prank") -> None:
    began = datetime.fromisoformat(when).replace(tzinfo=WIB)
    import_call(
        source="old",
        external_id=key,
        call_class=call_class,
        began_at=began,
        actor=system("import"),
    )


@pytest.fixture
def reported(
    answered: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> Callable[..., Any]:
    """A call that becomes an incident."""

    def report(number: str = "081233451190") -> Any:
        call = answered(number)
        incident = open_incident_for_call(call.pk, TYPE, actor=actor("call_taker"))
        close_call(call.pk, "emergency", actor=actor("call_taker"))
        time.forward(30)
        return incident

    return report


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(warehouse, [*arguments], catch_exceptions=False)


def csv_lines(printed: Result) -> dict[str, list[tuple[str, ...]]]:
    """The lines by their section, without names."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for section, code, name, measure, value, _name in csv.reader(io.StringIO(printed.output)):
        found.setdefault(section, []).append((code, name, measure, value))
    return found


def test_every_figure_is_that_of_monev_from_facts_and_from_journal_rows(tmp_path: Path) -> None:
    simulate()
    for first, last in [DAYS, (DAYS[0], DAYS[0]), (date(2027, 1, 1), DAYS[1])]:
        known = same_as_monev(tmp_path, first, last)
        assert known["clocks"]["total"]["n"] > 0
    assert months(tmp_path, "calls") == months(tmp_path, "readings") == ["2026-12", "2027-01"]


def test_corrections_merges_and_repeats_count_as_in_monev(
    tmp_path: Path,
    reported: Callable[..., Any],
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
) -> None:
    taker, dispatcher = actor("call_taker"), actor("dispatcher")
    one, other, third = reported("081100000001"), reported("081100000002"), reported()
    again = answered("081100000003")
    link_call(again.pk, other.pk, actor=taker)
    close_call(again.pk, "repeat", actor=taker)
    (job,) = send_units(other.pk, ["AMB-01"], choice="radio", confirmed=True, actor=dispatcher)
    for command in ("depart", "arrive", "complete"):
        time.forward(60)
        step(job.pk, command, actor=dispatcher, source="dispatcher")
    (lost,) = send_units(third.pk, ["AMB-02"], choice="radio", confirmed=True, actor=dispatcher)
    step(lost.pk, "decline", actor=dispatcher, source="dispatcher", reason="busy")
    merge_incident(other.pk, one.pk, actor=dispatcher)
    lamp = answered("081100000004")
    close_call(lamp.pk, "complaint", actor=taker, field_action=True)
    joke = answered("081100000005")
    close_call(joke.pk, "prank", actor=taker)
    known = same_as_monev(tmp_path)
    assert known["calls"]["classes"][0]["parts"] == {"emergency": 3, "complaint": 1, "repeat": 1}
    assert known["incidents"]["merged"] == 1
    # What is corrected later changes the month in which it began.
    reclassify_call(joke.pk, "noise", actor=taker)
    reclassify_call(lamp.pk, "complaint", actor=taker)
    end_incident(one.pk, "close", disposition="false_report", actor=dispatcher, confirmed=True)
    after = same_as_monev(tmp_path)
    assert after["calls"]["other"]["complaint_without_action"] == 1
    assert after["calls"]["classes"][2]["parts"]["noise"] == 1


def test_a_second_export_adds_only_what_is_new(
    tmp_path: Path, answered: Callable[..., Call], actor: Callable[[str], Actor]
) -> None:
    imported("may", "2026-05-03 10:00")
    call = answered()
    first = export(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    again = export(tmp_path)
    assert (again.new_rows, again.written, again.head) == (0, 0, first.head)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.parquet")} == before
    close_call(call.pk, "prank", actor=actor("call_taker"))
    third = export(tmp_path)
    new = set(tmp_path.rglob("*.parquet")) - set(before)
    assert {path.relative_to(tmp_path).parts[0] for path in new} == {"journal", "calls"}
    assert third.new_rows == third.last_seq - first.last_seq > 0
    assert third.written == 1  # of two months, the one in which something changed
    assert [row["seq"] for row in rows_of(tmp_path, "journal")] == [*range(1, third.last_seq + 1)]


def test_anybody_can_follow_the_chain_in_the_parquet(
    tmp_path: Path, reported: Callable[..., Any]
) -> None:
    reported()
    done = export(tmp_path)
    head, epoch = GENESIS, datetime(1970, 1, 1, tzinfo=UTC)

    def moment(us: int | None) -> datetime | None:
        return None if us is None else epoch + timedelta(microseconds=us)

    for row in rows_of(tmp_path, "journal"):
        same = {k: row[k] for k in ("seq", "actor", "kind", "subject", "case", "before", "after")}
        read = Journal(
            **same,
            at=moment(row["at_us"]),
            occurred_at=moment(row["occurred_us"]),
            body=json.loads(row["body"]),
        )
        head = digest(read, head)
        assert head == row["hash"]
    assert head == done.head == verify().head


def test_a_crash_before_the_end_leaves_the_export_before_it(
    tmp_path: Path, answered: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered()
    export(tmp_path)
    known = plain(from_parquet(tmp_path))
    answered("081100000009")
    with monkeypatch.context() as broken:
        broken.setattr(writing, "commit", lambda *_: (_ for _ in ()).throw(OSError("no power")))
        with pytest.raises(OSError, match="no power"):
            export(tmp_path)
    assert plain(from_parquet(tmp_path)) == known
    (tmp_path / "calls/city=kediri/month=2026-11/.half.parquet.part").write_bytes(b"PAR1")
    export(tmp_path)
    assert from_parquet(tmp_path).calls.all == known["calls"]["all"] + 1
    assert not list(tmp_path.rglob("*.part"))


def test_nothing_of_a_person_is_in_it_and_erasing_them_changes_nothing(
    tmp_path: Path,
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
) -> None:
    number, name, words = "081298765432", "Zubaidah Marganingrum", "rumah tetangga kebakaran"
    call = answered(number)
    open_incident_for_call(
        call.pk,
        TYPE,
        actor=actor("call_taker"),
        address="Gang Melati 77",
        chronology=words,
        reporter=name,
    )
    close_call(call.pk, "emergency", actor=actor("call_taker"), note=f"{name} {number}")
    file_complaint(
        channel="desk", body=f"lampu mati, {name}", number=number, name=name, actor=actor("agency")
    )
    export(tmp_path)
    held = "\n".join(str(row) for name in writing.SCHEMAS for row in rows_of(tmp_path, name))
    held += (tmp_path / "manifest/kediri.json").read_text()
    assert len(rows_of(tmp_path, "complaints")) == 1
    for planted in (number, number[1:], "Zubaidah", "Marganingrum", words, "Melati", "lampu"):
        assert planted not in held
    Contact.objects.filter(pk=call.contact_id).update(number="")
    assert export(tmp_path).written == 0


def test_an_empty_city_and_a_month_without_calls_are_unknown_and_not_zero(tmp_path: Path) -> None:
    known = same_as_monev(tmp_path)
    assert known["calls"]["all"] == 0
    assert known["calls"]["classes"][0]["share_percent"] is None
    assert known["clocks"]["total"]["mean_s"] is None
    imported("before", "2026-09-30 23:00")
    imported("after", "2026-11-01 00:30")
    export(tmp_path)
    october = from_parquet(tmp_path, date(2026, 10, 1), date(2026, 10, 31))
    assert (october.calls.all, october.by_month) == (0, [])
    assert months(tmp_path, "calls") == ["2026-09", "2026-11"]


def test_days_and_months_are_the_citys_own(tmp_path: Path) -> None:
    for key, when in {
        "leap": "2024-02-29 23:59:59.999999",
        "march": "2024-03-01 00:00",
        "old year": "2025-12-31 23:59:59",
        "new year": "2026-01-01 00:00",  # in UTC it is still the day before
    }.items():
        imported(key, when)
    export(tmp_path)
    assert months(tmp_path, "calls") == ["2024-02", "2024-03", "2025-12", "2026-01"]
    for day in (date(2024, 2, 29), date(2024, 3, 1), date(2025, 12, 31), date(2026, 1, 1)):
        assert from_parquet(tmp_path, day, day).calls.all == 1, day
    assert [m["month"] for m in from_parquet(tmp_path, date(2025, 1, 1), TODAY).by_month] == [
        "2025-12",
        "2026-01",
    ]


def test_derived_times_are_counted_and_left_out(
    tmp_path: Path, actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    taker, dispatcher = actor("call_taker"), actor("dispatcher")
    for _turn in range(2):
        call = enter_call(actor=taker, occurred_at=clock.now() - timedelta(hours=2))
        incident = open_incident_for_call(call.pk, TYPE, actor=taker)
        (job,) = send_units(
            incident.pk, ["AMB-01"], choice="radio", confirmed=True, actor=dispatcher
        )
        for command in ("depart", "arrive", "complete"):
            time.forward(5)
            step(job.pk, command, actor=dispatcher, source="dispatcher")
    known = same_as_monev(tmp_path)
    assert known["clocks"]["travel"] | {"targets": []} == {
        **known["clocks"]["total"],
        "targets": [],
    }
    assert known["clocks"]["travel"]["derived"] == 2
    assert known["clocks"]["travel"]["p90_s"] is None


def test_codes_stay_when_an_agency_is_renamed(
    tmp_path: Path, reported: Callable[..., Any], actor: Callable[[str], Actor]
) -> None:
    send_units(reported().pk, ["AMB-01"], choice="radio", confirmed=True, actor=actor("dispatcher"))
    export(tmp_path)
    Agency.objects.filter(code="psc119").update(name="Dinas Lain", short="DL")
    assert export(tmp_path).written == 0
    assert [group.code for group in from_parquet(tmp_path).by_agency] == ["psc119"]


def beside(root: Path, city: str, **changes: Any) -> None:
    """The figures of Kediri once more, as those of another city."""
    for table in root.glob("*/city=kediri"):
        shutil.copytree(table, table.with_name(f"city={city}"))
    other = json.loads((root / "manifest/kediri.json").read_text()) | {"city": city, **changes}
    text = json.dumps(other).replace("city=kediri", f"city={city}")
    (root / f"manifest/{city}.json").write_text(text)


def test_several_cities_are_added_up_and_their_percentiles_come_from_the_cube(
    tmp_path: Path,
    reported: Callable[..., Any],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
) -> None:
    dispatcher = actor("dispatcher")
    for turn in range(4):
        incident = reported(f"08110000001{turn}")
        time.forward(turn * 7.3)
        (job,) = send_units(
            incident.pk, ["AMB-01"], choice="radio", confirmed=True, actor=dispatcher
        )
        for command in ("depart", "arrive", "complete"):
            time.forward(100.001 * turn)
            step(job.pk, command, actor=dispatcher, source="dispatcher")
    export(tmp_path)
    one = from_parquet(tmp_path)
    beside(tmp_path, "blitar")
    both = from_parquet(tmp_path)
    assert (both.cities, both.percentiles) == (["blitar", "kediri"], "cube")
    assert both.calls.all == 2 * one.calls.all
    assert [row["city"] for row in both.by_city] == ["blitar", "kediri"]
    for name, exact in one.clocks.items():
        found = both.clocks[name]
        assert (found.n, found.missing, found.mean_s) == (
            2 * exact.n,
            2 * exact.missing,
            exact.mean_s,
        )
        assert found.p90_s == pytest.approx(exact.p90_s, rel=ERROR + 1e-4)
        assert [t.value for t in found.targets] == [t.value for t in exact.targets]
    # One of them alone is exact again.
    assert plain(from_parquet(tmp_path, city="kediri")) == plain(one)
    with pytest.raises(Invalid, match="blitar, kediri"):
        from_parquet(tmp_path, city="atlantis")
    handed = ask("cube", str(tmp_path / "out" / "cube.parquet"), "--folder", str(tmp_path))
    assert handed.exit_code == 0, handed.output
    cube = pq.read_table(tmp_path / "out" / "cube.parquet")
    assert not {"incident", "day"} & set(cube.column_names)
    assert set(cube["city"].to_pylist()) == {"blitar", "kediri"}


def test_a_drill_never_lies_beside_real_figures(tmp_path: Path) -> None:
    export(tmp_path)
    Deployment.objects.update(drill=True)
    with pytest.raises(Invalid, match="A drill never lies beside"):
        export(tmp_path)
    export(tmp_path / "apart")
    Deployment.objects.update(drill=False)
    with pytest.raises(Invalid, match="a drill's figures"):
        export(tmp_path / "apart")
    beside(tmp_path, "blitar", drill=True)
    with pytest.raises(Invalid, match="A drill lies beside"):
        from_parquet(tmp_path)
    days = ("--from", "2026-11-02", "--to", "2026-11-02", "--folder", str(tmp_path / "apart"))
    assert "Add --drill" in ask("monev", *days).output
    assert "LATIHAN" in ask("monev", *days, "--drill").output


def test_what_is_damaged_is_named(tmp_path: Path, answered: Callable[..., Call]) -> None:
    answered()
    with pytest.raises(Missing, match="There is no warehouse"):
        from_parquet(tmp_path)
    export(tmp_path)
    [calls] = tmp_path.glob("calls/*/*/*.parquet")
    whole = calls.read_bytes()
    calls.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Invalid, match=calls.name):
        from_parquet(tmp_path)
    # As long as it was, and its end says that all is well.
    end = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    calls.write_bytes(whole[:4] + bytes(end - 4) + whole[end:])
    with pytest.raises(Invalid, match="cannot be read|damaged"):
        from_parquet(tmp_path)
    calls.unlink()
    with pytest.raises(Invalid, match=calls.name):
        from_parquet(tmp_path)
    (tmp_path / "manifest/kediri.json").write_text("{")
    with pytest.raises(Invalid, match="kediri.json cannot be read"):
        from_parquet(tmp_path)


def test_a_folder_of_another_journal_is_not_added_to(tmp_path: Path) -> None:
    export(tmp_path)
    path = tmp_path / "manifest/kediri.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"head": "f" * 64}))
    with pytest.raises(Invalid, match="another journal"):
        export(tmp_path)
    with manifest.alone(tmp_path, "kediri"), pytest.raises(Invalid, match="Another export"):
        export(tmp_path)


def test_without_java_spark_says_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    days = ("--from", "2026-11-02", "--to", "2026-11-02", "--folder", str(tmp_path))
    found = ask("monev", *days, "--engine", "spark")
    assert (found.exit_code, "needs Java" in found.output) == (1, True)


def test_the_commands_print_what_monev_prints(
    tmp_path: Path, reported: Callable[..., Any], actor: Callable[[str], Actor]
) -> None:
    send_units(reported().pk, ["AMB-01"], choice="radio", confirmed=True, actor=actor("dispatcher"))
    exported = ask("export", "--folder", str(tmp_path))
    assert exported.exit_code == 0
    assert verify().head in exported.output
    period = ("--from", "2026-11-02", "--to", "2026-11-02")
    days = (*period, "--folder", str(tmp_path))
    known = csv_lines(CliRunner().invoke(monev, [*period, "--format", "csv"]))
    told = csv_lines(ask("monev", *days, "--format", "csv"))
    # The same sections, codes, measures and values; a name is the city's, and stays there.
    for section in ("calls", "incidents", "clocks", "by_agency", "by_type", "by_priority"):
        assert told[section] == known[section], section
    assert json.loads(ask("monev", *days, "--format", "json").output)["calls"]["all"] == 1
    assert "psc119" in ask("monev", *days).output
    later = ask("monev", "--from", "2026-11-03", *days[2:])
    assert (later.exit_code, "ends before it begins" in later.output) == (1, True)
