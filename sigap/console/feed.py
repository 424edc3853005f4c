"""What changed since a journal number, as messages for the live screens. No network here."""

import json
from dataclasses import dataclass, field
from typing import Any

from sigap.calls.machine import RINGING
from sigap.calls.models import Call
from sigap.calls.queries import hidden_listening
from sigap.core import clock
from sigap.core.journal import tip_seq
from sigap.core.models import Alarm, Journal
from sigap.dispatch.machine import MOVING_OR_THERE
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident

from .parts import wholes_of
from .rows import (
    Row,
    alarm_rows,
    call_rows,
    incident_rows,
    iso,
    operator_rows,
    surge_row,
    unit_rows,
)
from .sights import of_agency, rough_point, without_personal_data
from .warningrows import warning_rows

MOST_ROWS = 500
MOVED = ("moved_no", "call_sign", "lat", "lng", "position_at", "accuracy_m", "position_mark")


@dataclass
class Batch:
    """Journal rows in order, and the present state of all that they touched."""

    first: int
    last: int
    rows: list[Row]
    board: dict[str, list[Row]]
    more: Row = field(default_factory=dict)  # what is no table and has changed: the surge
    _encoded: dict[str, bytes] = field(default_factory=dict)

    def message(self, view: str, agency: str) -> bytes:
        """The batch as one server-sent event for a view; made once and shared."""
        key = f"{view}:{agency}"
        if key not in self._encoded:
            rows, board = self.rows, self.board
            if view == "wall":
                board = without_personal_data(board)
            elif view == "agency":
                board = of_agency(board, agency)
                mine = {f"incident:{i['id']}" for i in board["incidents"]}
                rows = [r for r in rows if r["case"] in mine or r["subject"] in mine]
            if view == "agency" and any(r["kind"] == "config.changed" for r in self.rows):
                # A unit may have come to it, or have left it.
                self._encoded[key] = event({"seq": self.last}, name="reset", seq=self.last)
            else:
                data = {"seq": self.last, "rows": rows, "put": board} | self.more
                self._encoded[key] = event(data, seq=self.last)
        return self._encoded[key]

    def signed_out(self) -> set[str]:
        """Whose rights must be looked at anew before they see more."""
        ends = ("user.signed_out", "user.changed")
        return {row["subject"] for row in self.rows if row["kind"] in ends}


def event(data: Any, *, name: str = "", seq: int | None = None) -> bytes:
    """One server-sent event."""
    lines = [f"id: {seq}"] if seq is not None else []
    lines += [f"event: {name}"] if name else []
    lines.append("data: " + json.dumps(data, separators=(",", ":")))
    return ("\n".join(lines) + "\n\n").encode()


def collect(after: int, most: int = MOST_ROWS) -> Batch | None:
    """What happened after a number; None when nothing did.

    The rows' state is read after the journal, so it is never older than what it follows.
    """
    rows = list(Journal.objects.filter(seq__gt=after).order_by("seq")[:most])
    if not rows:
        return None
    touched: dict[str, set[int]] = {"call": set(), "incident": set(), "unit": set(), "alarm": set()}
    signs: set[str] = set()
    operators = False
    for row in rows:
        for name in (row.subject, row.case):
            noun, _, key = name.partition(":")
            if noun in touched and key.isdigit():
                touched[noun].add(int(key))
        operators |= row.subject.startswith(("shift:", "call:"))
        if row.kind.startswith("party."):
            operators = True
            touched["call"].add(row.body["call"])
        if "unit" in row.body:
            signs.add(row.body["unit"])
        if row.kind in ("incident.merge", "incident.unmerge", "incident.linked"):
            touched["incident"].add(row.body["other"])
    # A merged incident's news belong to the row of the one that carries on.
    touched["incident"] |= _carriers(touched["incident"])
    # So does a part's news to the sum of what it is a part of.
    touched["incident"] |= wholes_of(touched["incident"])
    board: dict[str, list[Row]] = {}
    more: Row = {}
    if any(row.kind in ("surge.declared", "surge.ended") for row in rows):
        more["surge"] = surge_row()
        # In a surge others come first.
        ringing = Call.objects.filter(state__in=RINGING)
        touched["call"].update(ringing.values_list("pk", flat=True))
    if touched["call"]:
        calls = Call.objects.select_related("contact").filter(pk__in=touched["call"])
        board["calls"] = call_rows(calls)
    if touched["incident"]:
        board["incidents"] = incident_rows(Incident.objects.filter(pk__in=touched["incident"]))
    if touched["unit"] or signs:
        units = Unit.objects.filter(pk__in=touched["unit"]) | Unit.objects.filter(
            call_sign__in=signs
        )
        board["units"] = unit_rows(units)
    if touched["alarm"]:
        board["alarms"] = alarm_rows(Alarm.objects.filter(pk__in=touched["alarm"]))
    if operators:
        board["operators"] = operator_rows()
    if any(row.kind.startswith(("warning.", "announcement.")) for row in rows):
        board["warnings"] = warning_rows()
    hidden = hidden_listening()
    told = [_journal_row(r) for r in rows if r.body.get("how", "") not in hidden]
    return Batch(rows[0].seq, rows[-1].seq, told, board, more)


def beat() -> bytes:
    """The sign of life that every console gets every five seconds."""
    return event({"now": iso(clock.now()), "seq": tip_seq()}, name="beat")


def positions(after: int) -> tuple[int, dict[str, bytes]]:
    """The units that moved in flushes after this number, as an event for each view with a map;
    and the number of the last of them. The wall does not follow a unit to its incident: one at
    work moves there in steps of a kilometre."""
    moved = list(
        Unit.objects.filter(active=True, moved_no__gt=after)
        .order_by("moved_no")
        .values_list(*MOVED, "station_lat", "station_lng")
    )
    if not moved:
        return after, {}
    working = Assignment.objects.filter(state__in=MOVING_OR_THERE)
    at_work = set(working.values_list("unit__call_sign", flat=True))
    news, wall = [], []
    for _no, sign, lat, lng, at, accuracy, mark, *home in moved:
        stamp = iso(at)
        news.append([sign, lat, lng, stamp, accuracy, mark])
        rough = rough_point(lat, lng, home, at_work=sign in at_work)
        wall.append([sign, *rough, stamp, None, ""])
    seen = {"console": news, "wall": wall}
    return moved[-1][0], {v: event({"units": units}, name="positions") for v, units in seen.items()}


def _carriers(ids: set[int]) -> set[int]:
    found: set[int] = set()
    frontier = ids
    while frontier:
        above = Incident.objects.filter(pk__in=frontier, merged_into__isnull=False)
        frontier = {pk for pk in above.values_list("merged_into_id", flat=True) if pk} - found
        found |= frontier
    return found


def _journal_row(row: Journal) -> Row:
    return {
        "seq": row.seq,
        "at": iso(row.at),
        "kind": row.kind,
        "subject": row.subject,
        "case": row.case,
        "actor": row.actor,
        "before": row.before,
        "after": row.after,
    }
