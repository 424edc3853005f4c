"""The units, agencies and types of an older system: found here, or made as inactive records."""

from django.utils.translation import gettext as _

from sigap.core.actions.configuration import define
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.fleet.models import Agency, Unit
from sigap.incidents.models import Disposition, IncidentType
from sigap.places.models import Area

from .cells import call_sign_of, code_of
from .mapping import AgencyOf, CadMap
from .outcome import Outcome


class Records:
    """Finds each record once. In a trial run nothing is made, only named."""

    def __init__(self, used: CadMap, outcome: Outcome, actor: Actor) -> None:
        self.used, self.outcome, self.actor = used, outcome, actor
        self._types: dict[str, IncidentType | None] = {}
        self._units: dict[tuple[str, str], Unit | None] = {}
        self._agencies: dict[str, Agency | None] = {}
        self._names: dict[str, str] = {}  # which spelling made a code first
        self._areas = set(Area.objects.values_list("code", flat=True))
        self._dispositions = set(Disposition.objects.values_list("code", flat=True))

    def type(self, name: str, line: int) -> IncidentType | None:
        """The type that the map or its own code names; else an inactive one of that name. Names
        that make the same code are one type, which is flagged."""
        if name not in self._types:
            mapped = self.used.values.get("type", {}).get(name, "")
            code = mapped or code_of(name, prefix=self.used.source)
            found = IncidentType.objects.filter(code=code).first()
            if found is None and mapped:
                raise Invalid(
                    _("The map names the type “%(code)s”, which is not here.") % {"code": mapped},
                    code="map",
                )
            if found is None:
                self.outcome.made.append(_("type") + f" {code} ({name[:80]})")
            first = self._names.setdefault(code, name)
            if first != name and not mapped:
                self._merged(line, name, first)
            self._types[name] = found or self._new_type(code, name)
        return self._types[name]

    def _merged(self, line: int, name: str, other: str) -> None:
        text = _("“%(name)s” is taken as the same as “%(other)s”")
        self.outcome.flag(line, "merged_name", text % {"name": name[:40], "other": other[:40]})

    def _new_type(self, code: str, name: str) -> IncidentType | None:
        if self.outcome.dry_run:
            return None
        return define(
            IncidentType,
            key={"code": code},
            actor=self.actor,
            name=name[:80],
            name_en=name[:80],
            group=self.used.groups.get(name, "other"),
            active=False,
        )

    def unit(self, sign: str, *, kind: str, agency: str, line: int) -> Unit | None:
        """The unit with this call sign; else an inactive one of its agency. A sign that
        another agency's unit has here is told apart by the agency's code."""
        if (sign, agency) not in self._units:
            first = self._names.setdefault(f"{agency} {call_sign_of(sign)}", sign)
            if first != sign:
                self._merged(line, sign, first)
            self._units[sign, agency] = self._find_unit(sign, kind, agency)
        return self._units[sign, agency]

    def _find_unit(self, sign: str, kind: str, agency: str) -> Unit | None:
        wanted = self._agency_of(agency)
        owner = self._agency(wanted)
        call_sign = call_sign_of(sign)
        found = Unit.objects.select_related("agency").filter(call_sign=call_sign).first()
        if found and found.agency.code != wanted.code:
            call_sign = call_sign_of(f"{wanted.code}-{sign}")
            found = Unit.objects.filter(call_sign=call_sign).first()
        if found:
            return found
        self.outcome.made.append(_("unit") + f" {call_sign}")
        if owner is None:
            return None
        return define(
            Unit,
            key={"call_sign": call_sign},
            actor=self.actor,
            agency=owner,
            kind=kind[:60] or "-",
            capabilities=[code_of(kind or "unknown")],
            active=False,
            on_duty=False,
            example=False,
        )

    def _agency_of(self, name: str) -> AgencyOf:
        if name:
            code = self.used.values.get("agency", {}).get(name) or code_of(name, longest=20)
            return AgencyOf(code=code, name=name)
        if self.used.agency is None:
            raise Invalid(_("The line names no agency, and neither does the map."), code="agency")
        return self.used.agency

    def _agency(self, wanted: AgencyOf) -> Agency | None:
        if wanted.code not in self._agencies:
            found = Agency.objects.filter(code=wanted.code).first()
            if found is None:
                self.outcome.made.append(_("agency") + f" {wanted.code}")
            self._agencies[wanted.code] = found or self._new_agency(wanted)
        return self._agencies[wanted.code]

    def _new_agency(self, wanted: AgencyOf) -> Agency | None:
        if self.outcome.dry_run:
            return None
        name = wanted.name or wanted.code
        return define(
            Agency,
            key={"code": wanted.code},
            actor=self.actor,
            name=name[:120],
            name_en=name[:120],
            short=(wanted.short or name)[:20],
            kind=wanted.kind,
        )

    def area(self, line: int, text: str) -> str:
        """The code of an area of the city; anything else is left empty and flagged."""
        code = self.used.values.get("area", {}).get(text, text)
        unknown = ("area_unknown", _("The kelurahan is not known here; left empty"))
        return self._known(line, code, self._areas, unknown)

    def disposition(self, line: int, text: str) -> str:
        """The code of a disposition of the city; anything else is left empty and flagged."""
        code = self.used.values.get("disposition", {}).get(text, text)
        unknown = ("disposition_unknown", _("The outcome is not known here; left empty"))
        return self._known(line, code, self._dispositions, unknown)

    def _known(self, line: int, code: str, known: set[str], unknown: tuple[str, str]) -> str:
        if not code or code in known:
            return code
        self.outcome.flag(line, *unknown)
        return ""
