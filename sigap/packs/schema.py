"""A city as data: what the files of a pack must look like."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from sigap.incidents.triage import answers_to

from .reasons import Reasons, Row, Slug, Text

AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{2}(\.?\d{2,4})*$")]
Lat = Annotated[float, Field(ge=-90, le=90)]
Lng = Annotated[float, Field(ge=-180, le=180)]
Priority = Annotated[int, Field(ge=1, le=4)]

Group = Literal[
    "medical", "fire", "rescue", "animal", "traffic", "social", "disaster", "order", "utility"
]


def repeated(values: Iterable[str]) -> list[str]:
    """The values that appear more than once."""
    return [value for value, count in Counter(values).items() if count > 1]


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
        if twice := repeated(option[0] for option in self.options):
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
    tells: Literal["nothing", "outcome", "live"] = "nothing"
    question: tuple[Question, ...] = ()
    rule: tuple[Rule, ...] = ()


class PlanStep(Row):
    """How many units of an agency with a capability to send."""

    agency: Slug
    capability: Slug
    count: Annotated[int, Field(ge=1)]
    min_crew: Annotated[int, Field(ge=0)] = 0
    equipment: tuple[Slug, ...] = ()


class Plan(Row):
    """What to send for a type; priority 0 holds for any priority without its own plan. A higher
    alarm level names all that is to be there by then."""

    type: Slug
    priority: Annotated[int, Field(ge=0, le=4)]
    level: Annotated[int, Field(ge=1, le=4)] = 1
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
    post: Literal[""] | Slug = ""
    crew: Annotated[int, Field(ge=1)]


class Fleet(Row):
    """fleet.toml: the units; `example` says that they are made up."""

    example: bool
    unit: tuple[Unit, ...] = ()


class Post(Row):
    """A place where an agency's vehicles stand ready."""

    code: Slug
    name: Annotated[Text, StringConstraints(max_length=80)]
    agency: Slug
    place: Text
    lat: Lat
    lng: Lng
    capacity: Annotated[int, Field(ge=1, le=99)]


class EquipmentKind(Row):
    """Something that units with one of these capabilities carry; looked at every so many hours,
    0 for once in each shift."""

    code: Slug
    name: Annotated[Text, StringConstraints(max_length=80)]
    name_en: Annotated[Text, StringConstraints(max_length=80)]
    carried_by: Annotated[tuple[Slug, ...], Field(min_length=1)]
    must_have: bool
    every_hours: Annotated[int, Field(ge=0, le=8760)]
    has_expiry: bool


class Hospital(Row):
    """A hospital; without a point only the kelurahan named in `place` is known."""

    code: Slug
    name: Annotated[Text, StringConstraints(max_length=120)]
    place: Text
    lat: Lat | None = None
    lng: Lng | None = None
    specialties: tuple[Slug, ...] = ()
    phone: Literal[""] | Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{2,19}$")] = ""
    agency: Literal[""] | Slug = ""

    @model_validator(mode="after")
    def _point_is_whole(self) -> Self:
        if (self.lat is None) != (self.lng is None):
            raise ValueError("lat and lng belong together")
        return self


class Readiness(Row):
    """readiness.toml: posts, equipment and hospitals; `example` says that the posts and the
    lists of equipment are made up. A pack may do without it."""

    example: bool = False
    post: tuple[Post, ...] = ()
    equipment: tuple[EquipmentKind, ...] = ()
    hospital: tuple[Hospital, ...] = ()


class Disposition(Row):
    """How an incident ended; `valid` marks a field action that counts."""

    code: Slug
    name: Text
    name_en: Text
    valid: bool
    told: Annotated[str, StringConstraints(max_length=120)] = ""
    told_en: Annotated[str, StringConstraints(max_length=120)] = ""


class Criterion(Row):
    """A question of the form on which calls are scored."""

    code: Slug
    text: Annotated[Text, StringConstraints(max_length=200)]
    text_en: Annotated[Text, StringConstraints(max_length=200)]
    kind: Literal["yes_no_na", "one_to_five"]
    weight: Annotated[int, Field(ge=1, le=10)]


class PhoneBookEntry(Row):
    """Somebody whom operators may bring into a call."""

    code: Slug
    name: Annotated[Text, StringConstraints(max_length=80)]
    name_en: Annotated[Text, StringConstraints(max_length=80)]
    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{2,19}$")]
    kind: Literal["agency", "interpreter", "centre", "other"]
    agency: Literal[""] | Slug = ""


class Centre(Row):
    """A neighbouring 112 centre; what is secret between the two is never in a file."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
    name: Annotated[Text, StringConstraints(max_length=80)]
    name_en: Annotated[Text, StringConstraints(max_length=80)]
    area: Annotated[Text, StringConstraints(max_length=80)]
    places: tuple[Text, ...] = ()
    lat: Lat | None = None
    lng: Lng | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{2,19})?$")] = ""


class Choice(Row):
    """One answer to what programs ask about a complaint."""

    key: Slug
    name: Annotated[Text, StringConstraints(max_length=80)]
    name_en: Annotated[Text, StringConstraints(max_length=80)]


class Attribute(Row):
    """What programs of others ask about a complaint of one category (Open311). The code "asset"
    is the number on a lamp post or the like."""

    code: Slug
    name: Annotated[Text, StringConstraints(max_length=80)]
    name_en: Annotated[Text, StringConstraints(max_length=80)]
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool = False
    values: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _values_fit_datatype(self) -> Self:
        if bool(self.values) != self.datatype.endswith("list"):
            raise ValueError("a list has values, and nothing else has")
        return self


class Category(Row):
    """What a complaint can be about, and by which words it is known."""

    code: Slug
    name: Annotated[Text, StringConstraints(max_length=80)]
    name_en: Annotated[Text, StringConstraints(max_length=80)]
    group: Slug
    agency: Slug
    complaint_class: Literal["complaint", "supervision", "information", "aspiration"]
    publish: Literal["never", "summary", "full"] = "never"
    words: tuple[Text, ...] = ()
    attribute: tuple[Attribute, ...] = ()


class Danger(Row):
    """danger.toml: the words by which somebody in danger is known; see classify.danger."""

    words: Annotated[tuple[Text, ...], Field(min_length=1)]
    maybe: tuple[Text, ...] = ()
    cries: tuple[Text, ...] = ()
    figures: tuple[Text, ...] = ()
    denials: tuple[Text, ...] = ()
    softens: tuple[Text, ...] = ()
    past: tuple[Text, ...] = ()


Advised = Annotated[Text, StringConstraints(max_length=300)]


class Advice(Row):
    """What is proposed where one kind of case comes more often, all at once, or again."""

    stream: Annotated[
        str, StringConstraints(pattern=r"^(all|prank|(type|category):[a-z][a-z0-9_]*)$")
    ]
    agency: Literal[""] | Slug = ""
    public_place: bool = False
    trend: Advised
    trend_en: Advised
    burst: Advised | Literal[""] = ""
    burst_en: Advised | Literal[""] = ""
    lasting: Advised | Literal[""] = ""
    lasting_en: Advised | Literal[""] = ""
    target: Annotated[str, StringConstraints(max_length=120)] = ""
    target_en: Annotated[str, StringConstraints(max_length=120)] = ""


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
    readiness: Readiness
    dispositions: tuple[Disposition, ...]
    reasons: Reasons
    targets: tuple[Target, ...]
    quality: tuple[Criterion, ...]
    phone_book: tuple[PhoneBookEntry, ...]
    neighbours: tuple[Centre, ...]
    categories: tuple[Category, ...]
    danger: Danger
    advice: tuple[Advice, ...] = ()
