"""The yearly survey of public satisfaction (IKM), from all answers of a year. Reads only."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.complaints.survey.ikm import BANDS, ELEMENTS, band, converted, index, mean_of
from sigap.complaints.survey.models import IkmAnswer
from sigap.core.names import named
from sigap.core.parameters import value
from sigap.fleet.models import Agency


@dataclass(frozen=True)
class Element:
    """One of the nine, over all who answered."""

    code: str
    name: str
    mean: Decimal  # from 1 to 4
    value: Decimal  # from 25 to 100
    band: str


@dataclass(frozen=True)
class Ikm:
    """The survey of one year, of the whole city or of one agency's services. With `few` answers
    the value stands there, and that it says too little."""

    code: str
    name: str
    n: int
    few: bool
    value: Decimal
    band: str
    elements: list[Element]


@dataclass(frozen=True)
class IkmYear:
    """All of one year; None where nobody has answered."""

    year: int
    least: int
    total: Ikm | None
    by_agency: list[Ikm]
    people: dict[str, dict[str, int]]  # who answered: by age, sex, education


def ikm_year(year: int) -> IkmYear:
    """The survey of one year."""
    rows = IkmAnswer.objects.filter(year=year).order_by()
    sums = {u: Sum(u) for u in ELEMENTS}
    found = list(rows.values("agency__code").annotate(n=Count("pk"), **sums))
    names = {agency.code: named(agency) for agency in Agency.objects.all()}
    groups = [
        _result(code, names.get(code) or _("without an agency"), [row])
        for row in found
        for code in [row["agency__code"] or ""]
    ]
    return IkmYear(
        year=year,
        least=int(value("survey.ikm_least")),
        total=_result("", "", found) if found else None,
        by_agency=sorted(groups, key=lambda group: (-group.n, group.code)),
        people={
            what: dict(rows.exclude(**{what: ""}).values_list(what).annotate(n=Count("pk")))
            for what in ("age", "sex", "education")
        },
    )


def ikm_years() -> list[tuple[int, int, Decimal, str]]:
    """Each year that has answers: how many, the value and its band, the newest first."""
    sums = {u: Sum(u) for u in ELEMENTS}
    rows = IkmAnswer.objects.order_by("-year").values("year").annotate(n=Count("pk"), **sums)
    found = []
    for row in rows:
        whole = index([row[u] for u in ELEMENTS], row["n"])
        found.append((row["year"], row["n"], whole, band(whole)))
    return found


def band_names() -> dict[str, str]:
    """What the regulation calls the bands."""
    english = get_language() == "en"
    return {letter: in_english if english else name for letter, _least, name, in_english in BANDS}


def element_names() -> dict[str, str]:
    """What the regulation calls the nine elements."""
    return {code: names[get_language() == "en"] for code, names in ELEMENTS.items()}


def _result(code: str, name: str, rows: list[dict[str, int]]) -> Ikm:
    n = sum(row["n"] for row in rows)
    totals = {u: sum(row[u] for row in rows) for u in ELEMENTS}
    whole = index(list(totals.values()), n)
    return Ikm(
        code=code,
        name=name,
        n=n,
        few=n < value("survey.ikm_least"),
        value=whole,
        band=band(whole),
        elements=[
            Element(
                code=u,
                name=label,
                mean=mean_of(totals[u], n),
                value=converted(totals[u], n),
                band=band(converted(totals[u], n)),
            )
            for u, label in element_names().items()
        ],
    )
