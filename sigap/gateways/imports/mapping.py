"""How the columns of an older system become ours: built-in maps and the city's own TOML."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from sigap.core.errors import Invalid

MAPS = Path(__file__).parent / "maps"
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,20}$")]

CAD_TIMES = (
    "notified",
    "acknowledged",
    "en_route",
    "on_scene",
    "to_destination",
    "at_destination",
    "completed",
)
CallField = Literal[
    "id",
    "class",
    "began",
    "presented",
    "answered",
    "ended",
    "number",
    "operator",
    "trunk",
    "note",
    "field_action",
    "incident",
]
CadField = Literal[
    "incident",
    "id",
    "unit",
    "unit_kind",
    "agency",
    "type",
    "priority",
    "received",
    "answered",
    "notified",
    "acknowledged",
    "en_route",
    "on_scene",
    "to_destination",
    "at_destination",
    "completed",
    "address",
    "chronology",
    "lat",
    "lng",
    "point",
    "area",
    "disposition",
]


class AgencyOf(BaseModel):
    """The agency of units whose line names none."""

    model_config = ConfigDict(extra="forbid")

    code: Slug
    name: str = ""
    short: str = ""
    kind: Slug = "other"


class _Map(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: Slug = "import"
    time_zone: str = ""  # "" is the city's own
    time_formats: list[str] = []
    empty: list[str] = ["NULL", "N/A", "-"]
    values: dict[str, dict[str, str]] = {}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            if name:
                ZoneInfo(name)
        except (ValueError, OSError, LookupError):
            raise ValueError("no such time zone") from None
        return name


class CallMap(_Map):
    """What the columns of a call log are called; without a map, as our own fields are."""

    columns: dict[CallField, str | list[str]] = {}


class CadMap(_Map):
    """What the columns of a dispatch log are called."""

    columns: dict[CadField, str | list[str]]
    groups: dict[str, Slug] = {}
    agency: AgencyOf | None = None


def read_call_map(name: str) -> CallMap:
    """The map of a call log; "" is the one whose columns are called as our fields."""
    found = CallMap.model_validate(_toml(name)) if name else CallMap()
    own: dict[CallField, str | list[str]] = {f: f for f in CallField.__args__}  # type: ignore[attr-defined]
    return found.model_copy(update={"columns": {**own, **found.columns}})


def read_cad_map(name: str) -> CadMap:
    """The map of a dispatch log: a built-in one by its name, or a file."""
    return CadMap.model_validate(_toml(name))


def built_in() -> list[str]:
    """The names of the maps that come with the product."""
    return sorted(path.stem for path in MAPS.glob("*.toml"))


def _toml(name: str) -> dict[str, object]:
    path = MAPS / f"{name}.toml" if name in built_in() else Path(name)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Invalid(
            _("No such map: %(name)s. Built in: %(known)s. Otherwise give a TOML file.")
            % {"name": name, "known": ", ".join(built_in())},
            code="map",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            _("The map is not TOML: %(why)s") % {"why": str(error)[:200]}, code="map"
        ) from None


def explain(error: ValidationError) -> Invalid:
    """What is wrong with a map, one sentence for each fault."""
    faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:8])
    return Invalid(_("The map is not usable: %(why)s") % {"why": faults}, code="map")


def plain(name: str) -> str:
    """A column name without case, blanks and signs: "On Scene DtTm" is "on_scene_dttm"."""
    return re.sub(r"[\W_]+", "", name.casefold())


def place_columns(
    columns: dict[str, str | list[str]], header: Sequence[str], required: Sequence[str]
) -> dict[str, int]:
    """Where each of our fields stands in the file; Invalid when a needed one is not there."""
    places: dict[str, list[int]] = {}
    for i, name in enumerate(header):
        places.setdefault(plain(name), []).append(i)
    found: dict[str, int] = {}
    for field, spelled in columns.items():
        names = [spelled] if isinstance(spelled, str) else spelled
        there = next((places[plain(n)] for n in names if plain(n) in places), [])
        if len(there) > 1:
            raise Invalid(
                _("The column “%(name)s” is there twice.") % {"name": names[0]}, code="columns"
            )
        if there:
            found[field] = there[0]
        elif field in required:
            raise Invalid(
                _("The column “%(name)s” (%(field)s) is not there. There are: %(header)s")
                % {"name": names[0], "field": field, "header": ", ".join(header)[:400]},
                code="columns",
            )
    return found
