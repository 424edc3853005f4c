"""A city as data: what the files of a pack must look like, and how they are read.

`read_pack` takes any directory, so a city can keep its own pack outside the program. It either
returns a complete, cross-checked `Pack` or raises `PackError` listing every problem with the file
and the line or key where it stands.
"""

import csv
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from sigap.incidents.triage import answers_to

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\.?\d{2,4})*$")]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lng = Annotated[float, Field(ge=-180, le=180)]
Priority = Annotated[int, Field(ge=1, le=4)]

Group = Literal[
    "medical", "fire", "rescue", "animal", "traffic", "social", "disaster", "order", "utility"
]


class Row(BaseModel):
    """Base of every pack model: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class City(Row):
    """pack.toml: the city itself."""

    code: Slug
    city: Text
    service: Text
    emergency_number: Text
    timezone: Text
    province: Text
    province_code: AreaCode
    city_code: AreaCode
    bbox: tuple[Lat, Lng, Lat, Lng]
    center: tuple[Lat, Lng]
    languages: Annotated[tuple[Text, ...], Field(min_length=1)]
    names_also_outside: tuple[Text, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {value!r}") from error
        return value

    @model_validator(mode="after")
    def _box_is_ordered(self) -> Self:
        if self.bbox[0] >= self.bbox[2] or self.bbox[1] >= self.bbox[3]:
            raise ValueError("bbox must be min lat, min lng, max lat, max lng")
        if not self.contains(*self.center):
            raise ValueError("center lies outside bbox")
        return self

    def contains(self, lat: float, lng: float) -> bool:
        """Whether a point lies in the city's bounding box."""
        return self.bbox[0] <= lat <= self.bbox[2] and self.bbox[1] <= lng <= self.bbox[3]


class Area(Row):
    """A line of areas.csv: a kelurahan with a label point inside it."""

    code: AreaCode
    district_code: AreaCode
    district: Text
    name: Text
    lat: Lat
    lng: Lng
    area_km2: Annotated[float, Field(gt=0)]
    postcode: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
    neighbours: tuple[AreaCode, ...] = ()
    aliases: tuple[Text, ...] = ()


class Landmark(Row):
    """A line of landmarks.csv: a place people name; "area" means only its kelurahan is known."""

    name: Text
    aliases: tuple[Text, ...] = ()
    area_code: AreaCode
    lat: Lat | None = None
    lng: Lng | None = None
    precision: Literal["exact", "area"]

    @model_validator(mode="after")
    def _point_fits_precision(self) -> Self:
        points = (self.lat is not None) + (self.lng is not None)
        if points != (2 if self.precision == "exact" else 0):
            raise ValueError("precision 'exact' needs lat and lng, 'area' has neither")
        return self


class Agency(Row):
    """An agency (OPD) or partner that receives work."""

    code: Slug
    name: Text
    short: Text
    name_en: Text
    kind: Slug


class Capability(Row):
    """Something a unit can do."""

    code: Slug
    name: Text
    name_en: Text


class Question(Row):
    """A triage question; the answers it allows are in `answers`."""

    code: Slug
    text: Text
    text_en: Text
    kind: Literal["yes_no", "count", "choice"]
    options: tuple[tuple[Slug, Text, Text], ...] = ()

    @model_validator(mode="after")
    def _options_fit_kind(self) -> Self:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("a choice question needs options, and only a choice question has them")
        if twice := _repeated(option[0] for option in self.options):
            raise ValueError(f"option {twice[0]!r} appears twice")
        return self

    @property
    def answers(self) -> tuple[str, ...]:
        """The answer codes this question accepts."""
        return answers_to(self)


class Rule(Row):
    """A priority with the answers that lead to it and the reason in words."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}-\d+$")]
    priority: Priority
    siren: bool
    when: Annotated[dict[str, tuple[str, ...]], Field(min_length=1)]
    text: Text
    text_en: Text

    def matches(self, answers: Mapping[str, str]) -> bool:
        """Whether every question this rule names has one of its accepted answers."""
        return all(answers.get(question) in accepted for question, accepted in self.when.items())


class IncidentType(Row):
    """An incident type with its questions and rules."""

    code: Slug
    name: Text
    name_en: Text
    group: Group
    priority: Priority
    lead: Slug
    siren: bool
    dup_minutes: Annotated[int, Field(gt=0)]
    dup_metres: Annotated[int, Field(gt=0)]
    question: tuple[Question, ...] = ()
    rule: tuple[Rule, ...] = ()

    def first_rule(self, answers: Mapping[str, str]) -> Rule | None:
        """The first rule the answers satisfy; None means the type's own defaults hold."""
        return next((rule for rule in self.rule if rule.matches(answers)), None)


class PlanStep(Row):
    """How many units of an agency with a capability to send."""

    agency: Slug
    capability: Slug
    count: Annotated[int, Field(ge=1)]


class Plan(Row):
    """What to send for a type; priority 0 holds for any priority without its own plan."""

    type: Slug
    priority: Annotated[int, Field(ge=0, le=4)]
    step: Annotated[tuple[PlanStep, ...], Field(min_length=1)]


class Unit(Row):
    """A vehicle or team with its home post."""

    call_sign: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}-\d{2,3}$")]
    agency: Slug
    kind: Text
    kind_en: Text
    capabilities: Annotated[tuple[Slug, ...], Field(min_length=1)]
    lat: Lat
    lng: Lng
    station: Text
    crew: Annotated[int, Field(ge=1)]


class Fleet(Row):
    """fleet.toml: the units; `example` says that they are made up."""

    example: bool
    unit: tuple[Unit, ...] = ()


class Disposition(Row):
    """How an incident ended; `valid` marks a field action that counts."""

    code: Slug
    name: Text
    name_en: Text
    valid: bool


class Reason(Row):
    """A reason picked from a list."""

    code: Slug
    name: Text
    name_en: Text


class Reasons(Row):
    """reasons.toml: one list per decision that needs a reason."""

    decline: Annotated[tuple[Reason, ...], Field(min_length=1)]
    unavailable: Annotated[tuple[Reason, ...], Field(min_length=1)]
    cancel: Annotated[tuple[Reason, ...], Field(min_length=1)]
    reopen: Annotated[tuple[Reason, ...], Field(min_length=1)]
    waive: Annotated[tuple[Reason, ...], Field(min_length=1)]
    takeover: Annotated[tuple[Reason, ...], Field(min_length=1)]
    shelve: Annotated[tuple[Reason, ...], Field(min_length=1)]
    correct: Annotated[tuple[Reason, ...], Field(min_length=1)]
    strike: Annotated[tuple[Reason, ...], Field(min_length=1)]


class Target(Row):
    """A service target on one of the clocks."""

    clock: Literal["answer", "processing", "turnout", "travel", "total"]
    group: Literal[""] | Slug
    percent: Annotated[int, Field(ge=0, le=100)]
    seconds: Annotated[int, Field(gt=0)]
    statistic: Literal["share", "mean"]
    source: Text

    @model_validator(mode="after")
    def _percent_fits_statistic(self) -> Self:
        if (self.statistic == "share") != (self.percent > 0):
            raise ValueError("a 'share' target has a percent above 0, a 'mean' target has 0")
        return self


class Pack(Row):
    """A whole city, read and cross-checked."""

    city: City
    areas: tuple[Area, ...]
    landmarks: tuple[Landmark, ...]
    agencies: tuple[Agency, ...]
    capabilities: tuple[Capability, ...]
    types: tuple[IncidentType, ...]
    plans: tuple[Plan, ...]
    fleet: Fleet
    dispositions: tuple[Disposition, ...]
    reasons: Reasons
    targets: tuple[Target, ...]

    def plan_for(self, type_code: str, priority: int) -> Plan | None:
        """The plan of a type for a priority, else the type's plan for any priority."""
        plans = {plan.priority: plan for plan in self.plans if plan.type == type_code}
        return plans.get(priority) or plans.get(0)

    def unmet_steps(self) -> list[str]:
        """Plan steps that the fleet could not meet even with every unit free, in words.

        A shortage is a fact about a city and not a fault of its pack, so it is no error.
        """
        able = Counter(
            (unit.agency, capability)
            for unit in self.fleet.unit
            for capability in unit.capabilities
        )
        return [
            f"{plan.type} P{plan.priority}: {step.count} x {step.agency}/{step.capability},"
            f" the fleet has {able[step.agency, step.capability]}"
            for plan in self.plans
            for step in plan.step
            if able[step.agency, step.capability] < step.count
        ]


class PackError(Exception):
    """A pack that cannot be used; `problems` has one line for each fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class _AgencyFile(Row):
    agency: Annotated[tuple[Agency, ...], Field(min_length=1)]


class _CapabilityFile(Row):
    capability: Annotated[tuple[Capability, ...], Field(min_length=1)]


class _TypeFile(Row):
    type: Annotated[tuple[IncidentType, ...], Field(min_length=1)]


class _PlanFile(Row):
    plan: Annotated[tuple[Plan, ...], Field(min_length=1)]


class _DispositionFile(Row):
    disposition: Annotated[tuple[Disposition, ...], Field(min_length=1)]


class _TargetFile(Row):
    target: tuple[Target, ...] = ()


R = TypeVar("R", bound=Row)


def read_pack(path: Path) -> Pack:
    """Read and cross-check the pack in a directory.

    Raises PackError naming the file and the line or key of every problem found.
    """
    path = Path(path)
    if not path.is_dir():
        raise PackError([f"{path}: no such directory"])
    problems: list[str] = []
    city = _read_toml(path / "pack.toml", City, problems)
    areas = _read_csv(path / "areas.csv", Area, problems)
    landmarks = _read_csv(path / "landmarks.csv", Landmark, problems)
    agencies = _read_toml(path / "agencies.toml", _AgencyFile, problems)
    capabilities = _read_toml(path / "capabilities.toml", _CapabilityFile, problems)
    types = _read_toml(path / "types.toml", _TypeFile, problems)
    plans = _read_toml(path / "plans.toml", _PlanFile, problems)
    fleet = _read_toml(path / "fleet.toml", Fleet, problems)
    dispositions = _read_toml(path / "dispositions.toml", _DispositionFile, problems)
    reasons = _read_toml(path / "reasons.toml", Reasons, problems)
    targets = _read_toml(path / "targets.toml", _TargetFile, problems)
    if (
        problems
        or city is None
        or agencies is None
        or capabilities is None
        or types is None
        or plans is None
        or fleet is None
        or dispositions is None
        or reasons is None
        or targets is None
    ):
        raise PackError(problems)
    pack = Pack(
        city=city,
        areas=tuple(row for _, row in areas),
        landmarks=tuple(row for _, row in landmarks),
        agencies=agencies.agency,
        capabilities=capabilities.capability,
        types=types.type,
        plans=plans.plan,
        fleet=fleet,
        dispositions=dispositions.disposition,
        reasons=reasons,
        targets=targets.target,
    )
    problems = [
        *_check_places(pack, areas, landmarks),
        *_check_types(pack),
        *_check_plans(pack),
        *_check_fleet(pack),
        *_check_lists(pack),
    ]
    if problems:
        raise PackError(problems)
    return pack


def _read_toml(path: Path, model: type[R], problems: list[str]) -> R | None:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        problems.append(f"{path.name}: missing")
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: {error}")
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(
            f"{path.name}: {_where(data, item['loc'])}: {item['msg']}" for item in error.errors()
        )
        return None


def _where(data: Any, location: Sequence[int | str]) -> str:
    """A validation location as a reader would say it: `type "banjir" > rule "BJR-1" > priority`."""
    parts: list[str] = []
    for key in location:
        if isinstance(key, int):
            data = data[key] if isinstance(data, list) and key < len(data) else None
            name = None
            if isinstance(data, dict):
                name = data.get("code") or data.get("call_sign") or data.get("type")
            label = f'"{name}"' if name else f"number {key + 1}"
            parts[-1:] = [f"{parts[-1]} {label}"] if parts else [label]
        else:
            data = data.get(key) if isinstance(data, dict) else None
            parts.append(key)
    return " > ".join(parts) or "file"


_LISTS = {"neighbours", "aliases"}


def _read_csv(path: Path, model: type[R], problems: list[str]) -> list[tuple[int, R]]:
    """The rows of a CSV file, each with its line number."""
    rows: list[tuple[int, R]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            expected = list(model.model_fields)
            if list(reader.fieldnames or ()) != expected:
                problems.append(f"{path.name}: line 1: the columns must be {','.join(expected)}")
                return rows
            for record in reader:
                line = f"{path.name}: line {reader.line_num}"
                if None in record or None in record.values():
                    problems.append(f"{line}: expected {len(expected)} columns")
                    continue
                try:
                    rows.append((reader.line_num, model.model_validate(_cells(record))))
                except ValidationError as error:
                    problems.extend(
                        f"{line}: {_where(record, item['loc'])}: {item['msg']}"
                        for item in error.errors()
                    )
    except FileNotFoundError:
        problems.append(f"{path.name}: missing")
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{path.name}: {error}")
    else:
        if not rows and not problems:
            problems.append(f"{path.name}: no rows")
    return rows


def _cells(record: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in record.items():
        if key in _LISTS:
            values[key] = [part.strip() for part in value.split(";") if part.strip()]
        else:
            values[key] = value.strip() or None
    return values


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _check_places(
    pack: Pack, areas: list[tuple[int, Area]], landmarks: list[tuple[int, Landmark]]
) -> Iterator[str]:
    by_code = {area.code: area for area in pack.areas}
    districts: dict[str, str] = {}
    seen: set[str] = set()
    for line, area in areas:
        where = f"areas.csv: line {line}: {area.name}"
        if area.code in seen:
            yield f"{where}: code {area.code} appears twice"
        seen.add(area.code)
        if not pack.city.contains(area.lat, area.lng):
            yield f"{where}: the point lies outside the bbox of pack.toml"
        if districts.setdefault(area.district_code, area.district) != area.district:
            yield f"{where}: district {area.district_code} has two names"
        for code in area.neighbours:
            if code == area.code or code not in by_code:
                yield f"{where}: neighbour {code} is not another area of this file"
            elif area.code not in by_code[code].neighbours:
                yield f"{where}: {code} does not name {area.code} as its neighbour"
    names = {area.name for area in pack.areas}
    for name in pack.city.names_also_outside:
        if name not in names:
            yield f"pack.toml: names_also_outside: no area is called {name!r}"
    seen = set()
    for line, landmark in landmarks:
        where = f"landmarks.csv: line {line}: {landmark.name}"
        if landmark.name in seen:
            yield f"{where}: appears twice"
        seen.add(landmark.name)
        if landmark.area_code not in by_code:
            yield f"{where}: area_code {landmark.area_code} is not in areas.csv"
        if (
            landmark.lat is not None
            and landmark.lng is not None
            and not pack.city.contains(landmark.lat, landmark.lng)
        ):
            yield f"{where}: the point lies outside the bbox of pack.toml"


def _check_types(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    for code in _repeated(kind.code for kind in pack.types):
        yield f'types.toml: type "{code}": appears twice'
    for code in _repeated(rule.code for kind in pack.types for rule in kind.rule):
        yield f'types.toml: rule "{code}": appears twice'
    for kind in pack.types:
        where = f'types.toml: type "{kind.code}"'
        if kind.lead not in agencies:
            yield f'{where} > lead: no agency "{kind.lead}" in agencies.toml'
        for code in _repeated(question.code for question in kind.question):
            yield f'{where} > question "{code}": appears twice'
        questions = {question.code: question for question in kind.question}
        for rule in kind.rule:
            for asked, accepted in rule.when.items():
                here = f'{where} > rule "{rule.code}" > when > {asked}'
                if asked not in questions:
                    yield f"{here}: the type has no such question"
                    continue
                if not accepted:
                    yield f"{here}: no accepted answer"
                possible = questions[asked].answers
                for answer in accepted:
                    if answer not in possible:
                        yield f'{here}: "{answer}" is not one of {", ".join(possible)}'


def _check_plans(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    capabilities = {capability.code for capability in pack.capabilities}
    types = {kind.code for kind in pack.types}
    planned: defaultdict[str, set[int]] = defaultdict(set)
    for number, plan in enumerate(pack.plans, start=1):
        where = f'plans.toml: plan number {number} "{plan.type}" priority {plan.priority}'
        if plan.type not in types:
            yield f"{where}: no such type in types.toml"
        if plan.priority in planned[plan.type]:
            yield f"{where}: appears twice"
        planned[plan.type].add(plan.priority)
        for step in plan.step:
            if step.agency not in agencies:
                yield f'{where} > step: no agency "{step.agency}" in agencies.toml'
            if step.capability not in capabilities:
                yield f'{where} > step: no capability "{step.capability}" in capabilities.toml'
    for kind in pack.types:
        missing = {1, 2, 3, 4} - planned[kind.code]
        if missing and 0 not in planned[kind.code]:
            which = ", ".join(f"P{priority}" for priority in sorted(missing))
            yield f'plans.toml: type "{kind.code}" has no plan for {which}'


def _check_fleet(pack: Pack) -> Iterator[str]:
    agencies = {agency.code for agency in pack.agencies}
    capabilities = {capability.code for capability in pack.capabilities}
    for call_sign in _repeated(unit.call_sign for unit in pack.fleet.unit):
        yield f'fleet.toml: unit "{call_sign}": appears twice'
    for unit in pack.fleet.unit:
        where = f'fleet.toml: unit "{unit.call_sign}"'
        if unit.agency not in agencies:
            yield f'{where} > agency: no agency "{unit.agency}" in agencies.toml'
        for capability in unit.capabilities:
            if capability not in capabilities:
                yield f'{where} > capabilities: no "{capability}" in capabilities.toml'


def _check_lists(pack: Pack) -> Iterator[str]:
    lists: dict[str, Iterable[Agency | Capability | Disposition | Reason]] = {
        "agencies.toml: agency": pack.agencies,
        "capabilities.toml: capability": pack.capabilities,
        "dispositions.toml: disposition": pack.dispositions,
        "reasons.toml: decline": pack.reasons.decline,
        "reasons.toml: unavailable": pack.reasons.unavailable,
        "reasons.toml: cancel": pack.reasons.cancel,
        "reasons.toml: reopen": pack.reasons.reopen,
        "reasons.toml: waive": pack.reasons.waive,
        "reasons.toml: takeover": pack.reasons.takeover,
    }
    for where, rows in lists.items():
        for code in _repeated(row.code for row in rows):
            yield f'{where} "{code}": appears twice'
    groups = {kind.group for kind in pack.types} | {agency.kind for agency in pack.agencies}
    seen: set[tuple[str, str, str, int, int]] = set()
    for number, target in enumerate(pack.targets, start=1):
        where = f"targets.toml: target number {number} ({target.clock})"
        if target.group and target.group not in groups:
            yield f'{where} > group: "{target.group}" is no type group or agency kind'
        key = (target.clock, target.group, target.statistic, target.percent, target.seconds)
        if key in seen:
            yield f"{where}: appears twice"
        seen.add(key)
