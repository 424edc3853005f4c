"""`sigap import calls`: the call log of an older system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from sigap.calls.actions import import_call
from sigap.calls.models import CLASSES, Call
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.models import User
from sigap.core.personal import is_unclear_number
from sigap.incidents.models import Incident

from .cells import Clockwork, read_yes, required
from .mapping import CallMap
from .outcome import Outcome
from .run import Run, clock_change, clockwork, flag_intervals, start
from .table import Table

TIMES = ("began", "presented", "answered", "ended")
PAIRS = (("presented", "answered"), ("answered", "ended"))
REQUIRED = ("id", "class")


@dataclass(frozen=True)
class CallRow:
    """A call as the older system has it."""

    line: int
    key: str
    call_class: str
    times: dict[str, datetime]
    number: str
    operator: str
    trunk: str
    note: str
    field_action: bool
    incident: str


class CallImport:
    """Understands and writes the rows of a call log."""

    noun = "calls"

    def __init__(self, used: CallMap, outcome: Outcome, actor: Actor) -> None:
        self.used, self.outcome, self.actor = used, outcome, actor
        self.clock: Clockwork = clockwork(used)
        self.operators = set(User.objects.filter(is_active=True).values_list("username", flat=True))
        self.incidents: dict[str, int] = {}

    def read(self, line: int, cells: Mapping[str, str]) -> CallRow:
        """A row, checked."""
        given = {f: t for f in TIMES if (t := self.clock.read(f, cells.get(f, ""))) is not None}
        if not given:
            raise Invalid(_("No time at all."), code="time")
        return CallRow(
            line=line,
            key=required("id", cells["id"], 128),
            call_class=self._class(cells["class"]),
            times=given,
            number=cells.get("number", ""),
            operator=cells.get("operator", ""),
            trunk=required("trunk", cells["trunk"], 64) if cells.get("trunk") else "",
            note=cells.get("note", ""),
            field_action=read_yes("field_action", cells.get("field_action", "")),
            incident=cells.get("incident", ""),
        )

    def _class(self, text: str) -> str:
        found = self.used.values.get("class", {}).get(text, text.lower())
        if found not in CLASSES:
            raise Invalid(
                _("Unknown class “%(class)s”. Known: %(known)s; a map can translate others.")
                % {"class": text[:40], "known": ", ".join(CLASSES)},
                code="class",
            )
        return found

    def remark(self, row: CallRow, cells: Mapping[str, str]) -> None:
        """Flag missing, backward and empty intervals, and what is not known here."""
        for name in TIMES:
            if name in cells and name not in row.times and name != "began":
                self.outcome.missing[name] += 1
            if self.clock.is_unsure(cells.get(name, "")):
                self.outcome.flag(row.line, *clock_change())
        flag_intervals(self.outcome, row.line, PAIRS, row.times)
        if row.call_class == "abandoned" and "answered" in row.times:
            self.outcome.flag(row.line, "abandoned_but_answered", _("Abandoned, yet answered"))
        if is_unclear_number(row.number):
            self.outcome.flag(row.line, "number_changed", _("Not a number as it stands"))
        if row.operator and row.operator not in self.operators:
            self.outcome.flag(row.line, "unknown_operator", _("Nobody has this user name"))

    def known(self, rows: Sequence[CallRow]) -> set[str]:
        """The keys that are here already; finds the incidents that the rows name."""
        source = self.used.source
        named = {row.incident for row in rows if row.incident}
        incidents = Incident.objects.filter(source=source, external_id__in=named)
        self.incidents = {k: pk for k, pk in incidents.values_list("external_id", "pk") if k}
        keys = [row.key for row in rows]
        here = Call.objects.filter(source=source, external_id__in=keys)
        return {key for key in here.values_list("external_id", flat=True) if key}

    def prepare(self, row: CallRow) -> None:
        """Refuse a call whose incident is not here."""
        if row.incident and row.incident not in self.incidents:
            raise Invalid(
                _("The incident is not here. Import the dispatch log of the same source first."),
                code="incident",
            )

    def write(self, row: CallRow) -> None:
        """Bring in one call."""
        import_call(
            source=self.used.source,
            external_id=row.key,
            call_class=row.call_class,
            began_at=min(row.times.values()),
            presented_at=row.times.get("presented"),
            answered_at=row.times.get("answered"),
            ended_at=row.times.get("ended"),
            number=row.number,
            operator=row.operator,
            trunk=row.trunk,
            note=row.note,
            field_action=row.field_action,
            incident_id=self.incidents.get(row.incident),
            actor=self.actor,
        )


def import_calls(
    path: Path, used: CallMap, outcome: Outcome, *, encoding: str, actor: Actor
) -> Run[CallRow]:
    """Make ready to import a call log; `.run()` does it."""
    return start(Table(path, encoding), used, CallImport(used, outcome, actor), outcome, REQUIRED)
