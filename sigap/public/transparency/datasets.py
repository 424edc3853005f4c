"""The open data: which sets there are, what their columns mean, and their rows.

All but the heads of the journal are made of what was published of whole months, so no file tells
more than another. `hidden`: the count is of few, or would give one away; it is then empty, not 0.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from sigap.core.days import day_heads
from sigap.core.queries import deployment
from sigap.evaluation.open_month import month_of

from ..models import Edition
from .editions import editions

Row = tuple[Any, ...]
EVER = (date(1990, 1, 1), date(2101, 1, 1))
LATIHAN = "LATIHAN"  # in every row of a drill's files


@dataclass(frozen=True)
class Column:
    """One column: its type (string, date, month, integer, boolean), what it means, a unit."""

    name: str
    kind: str
    means: str
    unit: str = ""


@dataclass(frozen=True)
class Dataset:
    """One set of open data, in the reader's language."""

    name: str  # as it stands in addresses
    title: str
    about: str
    columns: list[Column]
    keywords: list[str]
    frequency: str  # of the EU's list of frequencies
    rows: Callable[[], Iterator[Row]]


def datasets() -> dict[str, Dataset]:
    """All of them by name."""
    return {one.name: one for one in (_calls(), _response(), _complaints(), _survey(), _journal())}


def mark() -> str:
    """What stands in the last column of every row: LATIHAN in a drill, else nothing."""
    served = deployment()
    return LATIHAN if served and served.drill else ""


def span() -> tuple[date, date] | None:
    """The first and the last day that the months tell of; None while none is public."""
    found = Edition.objects.order_by("month").values_list("month", flat=True)
    first, last = found.first(), found.last()
    return (first, month_of(last).last) if first and last else None


def _all() -> list[Edition]:
    return editions(*EVER)


def _hidden() -> Column:
    return Column(
        "hidden",
        "boolean",
        _("true: the figure is of few, or would give one away, and the field is empty"),
    )


def _drill() -> Column:
    return Column("drill", "string", _("LATIHAN where it is a drill's and nothing is real"))


def _month() -> Column:
    return Column("month", "month", _("the month, in the city's own time"))


def _calls() -> Dataset:
    return Dataset(
        name="panggilan",
        title=_("Calls to 112 per day and class"),
        about=_("Every call stands in exactly one class, on the day on which it began."),
        columns=[
            Column("date", "date", _("the day, in the city's own time")),
            Column(
                "class",
                "string",
                _(
                    "all, or valid, prank, ghost, information, abandoned (before an answer), other "
                    "(tests, other places, complaints and repeats without field action)"
                ),
            ),
            Column("calls", "integer", _("how many calls")),
            _hidden(),
            _drill(),
        ],
        keywords=["112", _("emergency calls")],
        frequency="MONTHLY",
        rows=_call_rows,
    )


def _call_rows() -> Iterator[Row]:
    for one in _all():
        for day, counts in one.body["calls"]["days"].items():
            for line, n in counts.items():
                yield day, "all" if line == "total" else line, n, n is None


def _response() -> Dataset:
    times = _("nearest rank over the raw values of the month; empty where it is of few")
    return Dataset(
        name="respons",
        title=_("Response times per month and agency"),
        about=_(
            "The five clocks of incidents: of the whole city, and of each agency's first unit."
        ),
        columns=[
            _month(),
            Column("agency", "string", _("the agency's code; all: the whole city")),
            Column("agency_name", "string", _("its name at that time")),
            Column("clock", "string", _("answer, processing, turnout, travel or total")),
            Column("n", "integer", _("how many times the figures are of")),
            Column("mean_s", "integer", _("mean"), "s"),
            Column("p50_s", "integer", _("median") + "; " + times, "s"),
            Column("p90_s", "integer", _("nine in ten were no longer") + "; " + times, "s"),
            _hidden(),
            _drill(),
        ],
        keywords=["112", _("response times")],
        frequency="MONTHLY",
        rows=_response_rows,
    )


def _response_rows() -> Iterator[Row]:
    for one in _all():
        of_month = one.body["response"]
        whole = {"code": "all", "name": "", "clocks": of_month["clocks"]}
        for group in (whole, *of_month["agencies"]):
            for clock, told in group["clocks"].items():
                times = (told["n"], told["mean_s"], told["p50_s"], told["p90_s"])
                yield str(one), group["code"], group["name"], clock, *times, told["n"] is None


def _complaints() -> Dataset:
    return Dataset(
        name="aduan",
        title=_("Complaints per month, category and kelurahan"),
        about=_(
            "By the month of filing, without those that were put away, joined with another, or "
            "became an incident. Secret ones are counted without category and kelurahan. A "
            "kelurahan and category that are not listed together had none."
        ),
        columns=[
            _month(),
            Column("category", "string", _("the category's code; all: of all; -: none or secret")),
            Column("category_name", "string", _("its name at that time")),
            Column(
                "area", "string", _("the code of the kelurahan; all: of all; -: none or secret")
            ),
            Column("area_name", "string", _("its name at that time")),
            Column("complaints", "integer", _("how many complaints")),
            _hidden(),
            _drill(),
        ],
        keywords=[_("complaints"), "kelurahan"],
        frequency="MONTHLY",
        rows=_complaint_rows,
    )


def _complaint_rows() -> Iterator[Row]:
    for one in _all():
        told, month = one.body["complaints"], str(one)
        kinds = {kind["code"]: kind["name"] for kind in told["categories"]}
        areas = {area["code"]: area["name"] for area in told["areas"]}
        yield month, "all", "", "all", "", told["total"], told["total"] is None
        for kind in told["categories"]:
            yield month, kind["code"] or "-", kind["name"], "all", "", kind["n"], kind["n"] is None
        for area in told["areas"]:
            yield month, "all", "", area["code"] or "-", area["name"], area["n"], area["n"] is None
        for area, kind, n in told["cells"]:
            yield month, kind or "-", kinds[kind], area or "-", areas[area], n, n is None


def _survey() -> Dataset:
    return Dataset(
        name="survei",
        title=_("What citizens answered when they were asked, per month"),
        about=_("One question, from 1 to 5. Who did not answer may think otherwise."),
        columns=[
            _month(),
            Column("survey", "string", _("complaints: closed ones; calls: closed cases of 112")),
            Column("asked", "integer", _("how many were asked")),
            Column("n", "integer", _("how many answered")),
            Column("response_percent", "number", _("share of those asked who answered"), "%"),
            Column("mean", "number", _("mean mark, from 1 to 5")),
            _hidden(),
            _drill(),
        ],
        keywords=[_("survey")],
        frequency="MONTHLY",
        rows=_survey_rows,
    )


def _survey_rows() -> Iterator[Row]:
    for one in _all():
        for name, key in (("complaints", "survey"), ("calls", "case_survey")):
            told = one.body[key]
            figures = (told["asked"], told["n"], told["response_percent"], told["mean"])
            yield str(one), name, *figures, None in (told["asked"], told["n"])


def _journal() -> Dataset:
    return Dataset(
        name="jurnal",
        title=_("Heads of the journal per day"),
        about=_(
            "With them anybody can check that a case file is what was recorded. They tell nothing "
            "of any case. Whoever keeps a copy can later show that nothing was changed."
        ),
        columns=[
            Column("day", "date", _("the day, in the city's own time")),
            Column("first_seq", "integer", _("number of its first row")),
            Column("last_seq", "integer", _("number of its last row")),
            Column("head", "string", _("hash of its last row (SHA-256)")),
            Column("root", "string", _("Merkle root over the hashes of its rows (RFC 6962)")),
            Column("cases_root", "string", _("Merkle root over the cases touched that day")),
            _drill(),
        ],
        keywords=[_("journal"), "SHA-256"],
        frequency="DAILY",
        rows=_journal_rows,
    )


def _journal_rows() -> Iterator[Row]:
    for head in day_heads():
        yield tuple(head.values())
