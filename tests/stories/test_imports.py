"""Bringing in an older system's records: every fault is named, nothing is lost silently."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.utils import translation

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actions.jobs import job_ended
from sigap.core.actors import system
from sigap.core.errors import Invalid
from sigap.core.journal import verify
from sigap.core.models import Contact, Journal, Text
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.fleet.models import Agency, Unit
from sigap.gateways.imports import run as loop
from sigap.gateways.imports.cad import import_cad
from sigap.gateways.imports.calls import import_calls
from sigap.gateways.imports.cells import Clockwork, call_sign_of, code_of, read_point
from sigap.gateways.imports.cli import import_group
from sigap.gateways.imports.mapping import explain, read_cad_map, read_call_map
from sigap.gateways.imports.outcome import Outcome
from sigap.gateways.imports.table import Table
from sigap.incidents.models import Incident, IncidentType

HEAD = "id,presented,answered,ended,number,class,operator,trunk,note"
GOOD = "1,2026-10-01 08:00:00,2026-10-01 08:00:07,2026-10-01 08:01:00,081234567890,prank,,t1,"
SF_HEAD = (
    "Call Number,Unit ID,Call Type,Received DtTm,Dispatch DtTm,Response DtTm,On Scene DtTm,"
    "Transport DtTm,Hospital DtTm,Available DtTm,Call Final Disposition,Address,Final Priority,"
    'Unit Type,"Neighborhooods - Analysis Boundaries",Location,RowID'
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "old.csv"


def calls(
    path: Path, *lines: str | bytes, dry_run: bool = False, head: str = HEAD, name: str = ""
) -> Outcome:
    """Import a call log of these lines."""
    put(path, head, *lines)
    outcome = Outcome(dry_run=dry_run)
    used = read_call_map(name)
    actor = system("import")
    return import_calls(path, used, outcome, encoding="utf-8", actor=actor).run()


def cad(path: Path, *lines: str, head: str = SF_HEAD, dry_run: bool = False) -> Outcome:
    """Import a dispatch log of these lines in the form of San Francisco's."""
    put(path, head, *lines)
    outcome = Outcome(dry_run=dry_run)
    used = read_cad_map("sffd")
    return import_cad(path, used, outcome, encoding="utf-8", actor=system("import")).run()


def put(path: Path, *lines: str | bytes) -> None:
    path.write_bytes(b"".join((x.encode() if isinstance(x, str) else x) + b"\n" for x in lines))


def faults(outcome: Outcome) -> list[tuple[int, str]]:
    return [(r.line, r.code) for r in outcome.refused]


def sf(
    call: str = "1",
    unit: str = "E39",
    received: str = "12/31/2016 11:57:56 PM",
    times: tuple[str, ...] = ("12/31/2016 11:59:42 PM", "01/01/2017 12:01:47 AM", "", "", "", ""),
    kind: str = "Structure Fire",
    place: str = '"(37.745858648581, -122.456664252061)"',
) -> str:
    parts = (call, unit, kind, received, *times, "Fire", "0 Block of BALCETA AVE", "3", "ENGINE")
    return ",".join((*parts, "West of Twin Peaks", place, f"{call}-{unit}"))


def test_a_call_comes_in_as_it_stands(file: Path) -> None:
    outcome = calls(file, GOOD + "sering menelepon")
    assert (outcome.read, outcome.new["calls"], faults(outcome)) == (1, 1, [])
    call = Call.objects.get(source="import", external_id="1")
    assert (call.state, call.call_class, call.trunk) == ("closed", "prank", "t1")
    assert call.presented_at == call.began_at == datetime(2026, 10, 1, 1, tzinfo=UTC)  # WIB
    assert call.contact and call.contact.number == "+6281234567890"
    assert call.note and call.note.body == "sering menelepon"
    row = Journal.objects.get(kind="call.imported")
    assert (row.subject, row.after, row.actor) == (f"call:{call.pk}", "closed", "system:import")
    assert "0812" not in str(row.body)


def test_broken_rows_are_named_by_line_and_the_others_come_in(file: Path) -> None:
    outcome = calls(
        file,
        GOOD,
        "2,2026-10-01 08:00:00,,,,prank,,",  # too few cells
        ",2026-10-01 08:00:00,,,,prank,,,",
        "4,,,,,prank,,,",
        "5,besok pagi,,,,prank,,,",
        "6,2026-10-01,,,,prank,,,",  # a day is no time
        "7,2026-10-01 08:00:00,,,,valid,,,",
        "8,2026-11-02 08:00:01,,,,prank,,,",  # the clock of the tests stands at 08:00 WIB
        "9,1900-01-01 00:00:00,,,,prank,,,",
        "",
        "1,2026-10-01 08:00:00,,,,silent,,,",
        "12,2026-10-01 08:00:00,,,,silent,,,",
    )
    assert faults(outcome) == [
        (3, "cells"),
        (4, "empty"),
        (5, "time"),
        (6, "time"),
        (7, "time"),
        (8, "class"),
        (9, "future"),
        (10, "time"),
        (12, "duplicate"),
    ]
    assert (outcome.read, outcome.new["calls"]) == (11, 2)
    assert "line 2" in outcome.refused[-1].reason


def test_running_twice_changes_nothing(file: Path) -> None:
    lines = (GOOD, "2,2026-10-01 09:00:00,,,,silent,,,")
    assert calls(file, *lines).new["calls"] == 2
    rows = Journal.objects.count()
    again = calls(file, *lines)
    assert (again.new["calls"], again.known["calls"], faults(again)) == (0, 2, [])
    assert (Call.objects.count(), Journal.objects.count()) == (2, rows)


def test_a_dry_run_says_the_same_and_writes_nothing(file: Path) -> None:
    counted = [m.objects.count() for m in (Call, Contact, Text, Journal)]
    outcome = calls(file, GOOD, "2,x,,,,prank,,,", dry_run=True)
    assert (outcome.new["calls"], faults(outcome)) == (1, [(3, "time")])
    assert counted == [m.objects.count() for m in (Call, Contact, Text, Journal)]


def test_a_dry_run_of_a_dispatch_log_names_what_would_be_made(file: Path) -> None:
    counted = [m.objects.count() for m in (Incident, Assignment, Unit, IncidentType, Journal)]
    outcome = cad(file, sf(), sf(unit="E10"), dry_run=True)
    assert dict(outcome.new) == {"incidents": 1, "assignments": 2}
    assert {name.split(" (")[0] for name in outcome.made} == {
        "agency sffd",
        "type sffd-structure-fire",
        "unit E39",
        "unit E10",
    }
    assert counted == [
        m.objects.count() for m in (Incident, Assignment, Unit, IncidentType, Journal)
    ]


def test_a_dry_run_flags_what_the_real_run_flags(file: Path) -> None:
    lines = [
        line.replace(",Fire,", ",Unheard of,") for line in (sf(), sf(unit="E10"), sf(call="2"))
    ]
    flags = [cad(file, *lines, dry_run=dry_run).flags for dry_run in (True, False)]
    assert flags[0] == flags[1]
    assert flags[0]["disposition_unknown"] == 2


def test_names_that_are_read_as_one_are_told(file: Path) -> None:
    other_type, unit = sf(call="2", kind="Structure-Fire"), sf(call="3", unit="E 39")
    outcome = cad(file, sf(), other_type, unit, sf(call="4", unit="E-39"))
    assert outcome.flags["merged_name"] == 2


def test_a_number_that_is_none_as_it_stands_is_told(file: Path) -> None:
    outcome = calls(file, GOOD.replace("081234567890", "Budi 081234567890"))
    assert outcome.flags["number_changed"] == outcome.new["calls"] == 1


def test_a_column_may_be_named_over_two_lines(file: Path) -> None:
    put(file, HEAD.replace("note", '"note\nof the operator"'), GOOD)
    assert Table(file).header[-1] == "note of the operator"
    assert [line for line, _cells in Table(file).rows()] == [3]


@pytest.mark.parametrize("at", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_time_at_an_end_of_the_calendar_is_one_refused_line(file: Path, at: str) -> None:
    outcome = calls(file, GOOD.replace("1,2026-10-01 08:00:00", f"2,{at}", 1), GOOD)
    assert (outcome.new["calls"], [r.line for r in outcome.refused]) == (1, [2])


def test_beside_a_city_that_is_served_the_import_takes_small_steps(file: Path) -> None:
    job_ended("inbox", every_s=1, done=0)
    put(file, HEAD, GOOD)
    outcome, actor = Outcome(), system("import")
    run = import_calls(file, read_call_map(""), outcome, encoding="utf-8", actor=actor)
    assert run.beside and run.run().new["calls"] == 1


def test_a_byte_order_mark_windows_line_ends_and_semicolons_are_understood(file: Path) -> None:
    head, line = HEAD.replace(",", ";"), GOOD.replace(",", ";")
    file.write_bytes(f"\ufeff{head}\r\n{line}\r\n\r\n".encode())
    run = import_calls(file, read_call_map(""), Outcome(), encoding="utf-8", actor=system("import"))
    outcome = run.run()
    assert (outcome.new["calls"], faults(outcome)) == (1, [])
    assert Call.objects.get(external_id="1").trunk == "t1"


def test_invalid_utf_8_refuses_its_own_line_only(file: Path) -> None:
    outcome = calls(file, GOOD.encode() + b"caf\xe9", "2,2026-10-01 09:00:00,,,,silent,,,caf\u00e9")
    assert faults(outcome) == [(2, "encoding")]
    assert outcome.new["calls"] == 1


def test_another_encoding_can_be_named(file: Path) -> None:
    put(file, HEAD, GOOD.encode() + b"caf\xe9")
    run = import_calls(
        file, read_call_map(""), Outcome(), encoding="cp1252", actor=system("import")
    )
    assert run.run().new["calls"] == 1
    note = Call.objects.get(external_id="1").note
    assert note and note.body == "café"
    with pytest.raises(Invalid):
        import_calls(file, read_call_map(""), Outcome(), encoding="klingon", actor=system("x"))


def test_emoji_are_text_like_any_other(file: Path) -> None:
    assert calls(file, GOOD + "🔥🚒").new["calls"] == 1
    note = Call.objects.get(external_id="1").note
    assert note and note.body == "🔥🚒"


def test_a_cell_of_a_megabyte_is_refused_and_not_cut(file: Path) -> None:
    outcome = calls(file, GOOD + "x" * 1_000_000, "2,2026-10-01 09:00:00,,,,silent,,,")
    assert faults(outcome) == [(2, "long")]
    assert outcome.new["calls"] == 1


def test_an_open_quote_says_which_lines_it_swallowed(file: Path) -> None:
    first, second = GOOD + '"open', "2,2026-10-01 09:00:00,,,,silent,,,"
    outcome = calls(file, first, second, second)
    assert faults(outcome) == [(2, "csv")]
    assert "Lines 2 to 4" in outcome.refused[0].reason
    outcome = calls(file, first, second + '"closed"', "3" + second[1:])
    assert faults(outcome) == [(2, "csv")]
    assert (outcome.new["calls"], Call.objects.get(source="import").external_id) == (1, "3")


def test_a_note_of_several_lines_keeps_the_line_numbers_right(file: Path) -> None:
    outcome = calls(file, GOOD + '"one\ntwo\nthree"', "2,x,,,,silent,,,")
    assert faults(outcome) == [(5, "time")]


def test_unknown_columns_are_named_and_missing_ones_stop_the_import(file: Path) -> None:
    outcome = calls(file, GOOD + ",blue", head=HEAD + ",Favourite colour")
    assert outcome.unused_columns == ["Favourite colour"]
    with pytest.raises(Invalid, match="class"):
        calls(file, "1,2026-10-01 09:00:00", head="id,presented")
    with pytest.raises(Invalid, match="twice"):
        calls(file, "1,1,prank", head="id,ID,class")
    with pytest.raises(Invalid):
        calls(file, head="")


def test_backward_and_empty_intervals_are_taken_flagged_and_counted(file: Path) -> None:
    outcome = calls(
        file,
        "1,2026-10-01 08:00:07,2026-10-01 08:00:00,2026-10-01 08:00:00,,prank,,,",
        "2,2026-10-01 08:00:00,,,,abandoned,,,",
        "3,,2026-10-01 08:00:00,,,silent,siapa,,",
        "4,,2026-10-01 08:00:00,,,abandoned,,,",
    )
    assert faults(outcome) == []
    assert outcome.flags == {
        "negative.presented-answered": 1,
        "zero.answered-ended": 1,
        "unknown_operator": 1,
        "abandoned_but_answered": 1,
    }
    assert outcome.missing == {"presented": 2, "answered": 1, "ended": 3}
    call = Call.objects.get(external_id="1")
    assert call.presented_at and call.answered_at and call.presented_at > call.answered_at
    assert Call.objects.get(external_id="2").state == "abandoned"
    assert Call.objects.get(external_id="3").presented_at is None


def test_a_map_names_columns_classes_and_time_zone(file: Path, tmp_path: Path) -> None:
    chart = tmp_path / "lama.toml"
    chart.write_text(
        'source = "lama"\ntime_zone = "Asia/Makassar"\n'
        '[columns]\nid = "Nomor"\nclass = ["Jenis", "Kelas"]\npresented = "Masuk"\n'
        '[values.class]\n"Iseng" = "prank"\n"" = "abandoned"\n'
    )
    outcome = calls(
        file,
        "1,Iseng,01/10/2026 09.00",
        "2,,2026-10-01T09:00:00+07:00",
        "3,Entah,01/10/2026 09.00",
        head="NOMOR,Kelas,masuk",
        name=str(chart),
    )
    assert faults(outcome) == [(4, "class")]
    first, second = Call.objects.filter(source="lama").order_by("pk")
    assert first.began_at == datetime(2026, 10, 1, 1, tzinfo=UTC)  # WITA
    assert second.began_at == datetime(2026, 10, 1, 2, tzinfo=UTC)
    assert (first.call_class, second.call_class) == ("prank", "abandoned")


@pytest.mark.parametrize(
    "text",
    ["[columns", "colour = 1", 'time_zone = "Mars"', '[columns]\nunit = "x"', 'source = "A b"'],
)
def test_a_map_that_is_none_says_why(tmp_path: Path, text: str) -> None:
    from pydantic import ValidationError

    chart = tmp_path / "m.toml"
    chart.write_text(text)
    try:
        read_call_map(str(chart))
    except ValidationError as error:
        assert explain(error).code == "map"
    except Invalid as error:
        assert error.code == "map"
    else:
        pytest.fail("was taken")
    with pytest.raises(Invalid, match="sffd"):
        read_cad_map("nowhere")


def test_a_dispatch_log_becomes_incidents_units_and_times(file: Path) -> None:
    outcome = cad(file, sf(), sf(unit="E10"))
    assert faults(outcome) == []
    assert dict(outcome.new) == {"incidents": 1, "assignments": 2}
    incident = Incident.objects.get(source="sffd")
    assert (incident.state, incident.priority, incident.external_id) == ("closed", 2, "1")
    assert (
        incident.received_at == incident.answered_at == datetime(2017, 1, 1, 7, 57, 56, tzinfo=UTC)
    )
    assert (incident.lat, incident.area) == (37.745858648581, None)
    assert incident.disposition and incident.disposition.code == "handled"
    assert incident.address and incident.address.body == "0 Block of BALCETA AVE"
    assert (incident.type.group, incident.type.active) == ("fire", False)
    unit = Unit.objects.get(call_sign="E39")
    assert (unit.active, unit.example, unit.agency.code) == (False, False, "sffd")
    job = unit.assignments.get()
    assert job.state == "completed"
    times = {t.state: (t.occurred_at.isoformat(), t.source) for t in job.times.all()}
    assert times == {
        "notified": ("2017-01-01T07:59:42+00:00", "import"),
        "en_route": ("2017-01-01T08:01:47+00:00", "import"),
    }
    kinds = Journal.objects.filter(kind__endswith=".imported").order_by("seq")
    assert list(kinds.values_list("kind", flat=True)) == [
        "incident.imported",
        "assignment.imported",
        "assignment.imported",
    ]
    assert verify().broken_seq is None


def test_columns_are_found_however_the_export_spells_them(file: Path) -> None:
    head = (
        "call_number,unit_id,call_type,received_dttm,dispatch_dttm,response_dttm,on_scene_dttm,"
        "transport_dttm,hospital_dttm,available_dttm,call_final_disposition,address,"
        "final_priority,unit_type,neighborhoods_analysis_boundaries,case_location,rowid"
    )
    line = sf(
        received="2016-12-31T23:57:56.000",
        times=("2016-12-31T23:59:42.000", "", "", "", "", ""),
        place="POINT (-122.456664252061 37.745858648581)",
    )
    assert faults(cad(file, line, head=head)) == []
    incident = Incident.objects.get(source="sffd")
    assert (incident.lat, incident.lng) == (37.745858648581, -122.456664252061)
    assert incident.received_at == datetime(2017, 1, 1, 7, 57, 56, tzinfo=UTC)


def test_a_later_file_adds_units_to_an_incident_that_is_here(file: Path) -> None:
    cad(file, sf())
    outcome = cad(file, sf(), sf(unit="E10"))
    assert dict(outcome.new) == {"assignments": 1}
    assert outcome.known["assignments"] == 1
    assert Incident.objects.filter(source="sffd").count() == 1


def test_lines_that_contradict_each_other_are_flagged(file: Path) -> None:
    outcome = cad(file, sf(), sf(unit="E10", kind="Alarms"))
    assert outcome.flags["incident_differs"] == 1
    assert Incident.objects.get(source="sffd").type.code == "sffd-structure-fire"


def test_faults_of_a_dispatch_log_are_named(file: Path) -> None:
    outcome = cad(
        file,
        sf(),
        sf(unit="E10", received=""),
        sf(unit="", call="3"),
        sf(unit="E11", times=("",) * 6),
        sf(unit="E12", times=("13/31/2016 11:59:42 PM", "", "", "", "", "")),
        sf(unit="E13", times=("12/31/2036 11:59:42 PM", "", "", "", "", "")),
        sf(unit="🔥", call="7"),
        sf(),
        sf(call="x" * 65),
    )
    assert faults(outcome) == [
        (3, "empty"),
        (4, "empty"),
        (5, "time"),
        (6, "time"),
        (7, "future"),
        (8, "unit"),
        (9, "duplicate"),
        (10, "key"),
    ]
    assert outcome.new["assignments"] == 1


def test_a_unit_that_ran_backwards_is_kept_as_it_is(file: Path) -> None:
    times = ("01/01/2017 12:10:00 AM", "01/01/2017 12:10:00 AM", "01/01/2017 12:05:00 AM")
    outcome = cad(file, sf(times=(*times, "", "", "")))
    assert outcome.flags == {"zero.notified-en_route": 1, "negative.en_route-on_scene": 1}
    assert outcome.missing == {"to_destination": 1, "at_destination": 1, "completed": 1}
    there = AssignmentTime.objects.get(state="on_scene", source="import")
    assert there.occurred_at == datetime(2017, 1, 1, 8, 5, tzinfo=UTC)


def test_a_call_sign_of_the_citys_own_units_is_told_apart(file: Path) -> None:
    cad(file, sf(unit="AMB-01"))
    ours = Unit.objects.get(call_sign="AMB-01")
    assert ours.agency.code == "psc119"
    assert ours.active
    assert Unit.objects.get(call_sign="sffd-AMB-01").assignments.count() == 1


def test_units_of_the_city_itself_are_used_as_they_are(file: Path, tmp_path: Path) -> None:
    chart = tmp_path / "own.toml"
    chart.write_text(
        'source = "lama"\n[columns]\nincident = "Tiket"\nunit = "Unit"\nagency = "OPD"\n'
        'type = "Jenis"\nreceived = "Masuk"\nnotified = "Kirim"\narea = "Kelurahan"\n'
        'lat = "lat"\nlng = "lng"\n'
        '[values.type]\n"Kebakaran" = "kebakaran_bangunan"\n"Salah" = "tidak_ada"\n'
        '[values.agency]\n"PMK" = "damkar"\n'
    )
    put(
        file,
        "Tiket,Unit,OPD,Jenis,Masuk,Kirim,Kelurahan,lat,lng",
        '1,DAM-01,PMK,Kebakaran,2026-10-01 08:00,2026-10-01 08:01,,"-7,8187","112,0034"',
        "2,DAM-01,PMK,Kebakaran,2026-10-01 09:00,2026-10-01 09:01,35.71.01.1001,,",
        "3,DAM-01,PMK,Kebakaran,2026-10-01 10:00,2026-10-01 10:01,Bulan,200,0",
        "4,DAM-01,PMK,Salah,2026-10-01 10:00,2026-10-01 10:01,,,",
        "5,X-1,Dinas Baru,Kebakaran,2026-10-01 10:00,2026-10-01 10:01,,,",
        "6,X-2,,Kebakaran,2026-10-01 10:00,2026-10-01 10:01,,,",
    )
    outcome = import_cad(
        file,
        read_cad_map(str(chart)),
        Outcome(),
        encoding="utf-8",
        actor=system("import"),
    ).run()
    assert faults(outcome) == [(5, "map"), (7, "agency")]
    assert outcome.flags["area_unknown"] == outcome.flags["no_point"] == 1
    first, second, third, _fifth = Incident.objects.filter(source="lama").order_by("pk")
    assert first.area and first.area.name == "Bandar Lor"
    assert second.area and second.area.code == "35.71.01.1001"
    assert (third.area, third.lat) == (None, None)
    assert Unit.objects.get(call_sign="DAM-01").assignments.count() == 3
    assert Agency.objects.filter(code="dinas-baru").exists()
    assert outcome.made == ["agency dinas-baru", "unit X-1"]


def test_a_call_names_the_incident_that_was_imported_before(file: Path, tmp_path: Path) -> None:
    cad(file, sf())
    chart = tmp_path / "calls.toml"
    chart.write_text('source = "sffd"\n')
    outcome = calls(
        file,
        "1,2017-01-01T07:57:50Z,emergency,1",
        "2,2017-01-01T07:57:50Z,emergency,77",
        head="id,presented,class,incident",
        name=str(chart),
    )
    assert faults(outcome) == [(3, "incident")]
    assert Call.objects.get(source="sffd").incident == Incident.objects.get(source="sffd")


def test_a_large_file_is_written_in_batches(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "BATCH", 3)
    seen: list[int] = []
    put(file, HEAD, *[f"{i},2026-10-01 08:00:00,,,,silent,,," for i in range(10)])
    used = read_call_map("")
    run = import_calls(file, used, Outcome(), encoding="utf-8", actor=system("import"))
    assert run.run(seen.append).new["calls"] == 10
    assert len(seen) == 4
    assert seen[-1] == file.stat().st_size


def test_the_command_answers_with_a_status_and_a_report(file: Path, tmp_path: Path) -> None:
    put(file, HEAD, GOOD)
    result = CliRunner().invoke(import_group, ["calls", str(file)])
    assert result.exit_code == 0, result.output
    put(file, HEAD, GOOD, "2,x,,,,prank,,,")
    report = tmp_path / "report.csv"
    result = CliRunner().invoke(import_group, ["calls", str(file), "--report", str(report)])
    assert result.exit_code == 1
    rows = list(csv.DictReader(report.open(encoding="utf-8-sig")))
    assert [(r["line"], r["outcome"], r["code"]) for r in rows] == [("3", "refused", "time")]
    result = CliRunner().invoke(import_group, ["cad", str(file), "--map", "nowhere"])
    assert result.exit_code == 1
    assert "sffd" in result.output
    result = CliRunner().invoke(import_group, ["cad", str(file), "--map", "sffd"])
    assert result.exit_code == 1
    assert CliRunner().invoke(import_group, ["cad", str(file)]).exit_code == 2
    assert CliRunner().invoke(import_group, ["calls", str(tmp_path / "no")]).exit_code == 2


def test_local_times_that_are_there_twice_are_flagged(file: Path) -> None:
    outcome = cad(
        file,
        sf(
            received="11/06/2016 01:30:00 AM",
            times=("11/06/2016 03:00:00 AM", "", "", "", "", ""),
        ),
    )
    assert outcome.flags["clock_change"] >= 1
    # The earlier meaning: still summer time.
    received = Incident.objects.get(source="sffd").received_at
    assert received == datetime(2016, 11, 6, 8, 30, tzinfo=UTC)


def test_points_and_codes_are_read_as_written() -> None:
    assert read_point("(37.5, -122.4)") == (37.5, -122.4)
    assert read_point("POINT (-122.4 37.5)") == (37.5, -122.4)
    assert read_point("(0, 0)") is None
    assert read_point("somewhere") is None
    assert read_point("(95, 10)") is None
    assert code_of("Structure Fire", prefix="sffd") == "sffd-structure-fire"
    long = code_of("Confined Space / Structure Collapse", prefix="sffd")
    assert len(long) <= 32
    assert long != code_of("Confined Space / Structure Collision", prefix="sffd")
    assert call_sign_of("AMB 01") == "AMB-01"


def test_a_time_in_the_future_is_told_by_the_citys_clock(time: clock.Frozen) -> None:
    from zoneinfo import ZoneInfo

    clockwork = Clockwork(ZoneInfo("Asia/Jakarta"), (), clock.now())
    assert clockwork.read("began", "2026-11-02 08:00:00") == clock.now()
    with pytest.raises(Invalid, match="future"):
        clockwork.read("began", "2026-11-02 08:00:01")


def test_the_map_of_the_manual_is_a_map(tmp_path: Path) -> None:
    manual = Path(__file__).resolve().parents[2] / "docs" / "import.md"
    chart = tmp_path / "manual.toml"
    chart.write_text(manual.read_text().split("```toml\n")[1].split("```")[0])
    assert read_cad_map(str(chart)).source == "cad-lama"
