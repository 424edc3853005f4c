"""Answers to the yearly survey: written down one by one, or read from a table."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import AnswersEntered
from sigap.core.personal import source_key
from sigap.core.queries import batched, fetch
from sigap.core.rows import append, insert
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency

from ..ikm import AGES, EDUCATION, ELEMENTS, HIGHEST, LOWEST, SEXES
from ..models import IkmAnswer

FIRST_YEAR, LAST_YEAR = 2017, 2100
MOST_LINES = 20_000
ABOUT = {"age": AGES, "sex": SEXES, "education": EDUCATION}
MOST_FAULTS = 5


def enter_answers(
    year: int,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    agency: str = "",
    service: str = "",
    **about: str,
) -> IkmAnswer:
    """Write down one respondent's nine answers."""
    actor.require(Permission.EVALUATE)
    with transaction():
        given = {**answers, **about, "agency": agency, "service": service}
        one = _answer(_year(year), given, _agencies())
        insert(one)
        record(
            "ikm.entered",
            subject=subject_of(one),
            actor=actor,
            body=AnswersEntered(year=year, count=1, agency=agency),
        )
        return one


def import_answers(year: int, table: str, *, actor: Actor) -> int:
    """Take in a table (CSV): a row for each respondent, with the columns u1 to u9 and, where they
    are known, agency, service, age, sex, education. All of it or nothing. The same table again adds
    nothing; where the rows have an `id`, no row does. Returns how many."""
    actor.require(Permission.EVALUATE)
    lines = list(_lines(table))
    if not lines:
        raise Invalid(_("There are no answers in it."), code="empty")
    if len(lines) > MOST_LINES:
        raise Invalid(_("At most %(most)d lines at once.") % {"most": MOST_LINES}, code="too_many")
    with transaction():
        found, faults, agencies = [], [], _agencies()
        for number, given in lines:
            try:
                one = _answer(_year(year), given, agencies)
            except Invalid as fault:
                faults.append(_("line %(n)d: %(fault)s") % {"n": number, "fault": fault})
                continue
            one.line = _name(year, table, number, given)
            found.append(one)
        if faults:
            raise Invalid(" ".join(faults[:MOST_FAULTS]), code="lines")
        known: set[str | None] = set()
        for some in batched(found):
            rows = IkmAnswer.objects.filter(line__in=[one.line for one in some])
            known.update(rows.values_list("line", flat=True))
        fresh = [one for one in found if one.line not in known]
        # Twice in one table is once.
        fresh = list({one.line: one for one in fresh}.values())
        if fresh:
            append(fresh)
            body = AnswersEntered(year=year, count=len(fresh))
            record("ikm.imported", subject=f"ikm:{year}", actor=actor, body=body)
        return len(fresh)


def remove_answers(answer_id: int, *, actor: Actor) -> None:
    """Take out what was entered by mistake."""
    actor.require(Permission.EVALUATE)
    with transaction():
        one = fetch(IkmAnswer, pk=answer_id)
        subject, year = subject_of(one), one.year
        one.delete()
        body = AnswersEntered(year=year, count=1)
        record("ikm.removed", subject=subject, actor=actor, body=body)


def _lines(table: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their line's number. What a spreadsheet writes here has semicolons."""
    table = table.removeprefix("\ufeff")
    head = table.partition("\n")[0]
    rows = csv.reader(io.StringIO(table), delimiter=";" if ";" in head else ",")
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        missing = [name for name in ELEMENTS if name not in names]
        if missing:
            raise Invalid(
                _("These columns are missing: %(names)s") % {"names": ", ".join(missing)},
                code="columns",
            )
        for cells in rows:
            if any(cell.strip() for cell in cells):
                values = (cell.strip() for cell in cells)
                yield rows.line_num, dict(zip(names, values, strict=False))
    except csv.Error as error:
        raise Invalid(_("This is not a table (CSV)."), code="csv") from error


def _answer(year: int, given: Mapping[str, Any], agencies: dict[str, int]) -> IkmAnswer:
    agency, service = str(given.get("agency", "")), str(given.get("service", ""))
    if agency and agency not in agencies:
        raise Invalid(_("There is no such agency."), code="agency")
    if service:
        _check_service(service)
    about = {name: str(given.get(name, "")) for name in ABOUT}
    for name, known in ABOUT.items():
        if about[name] and about[name] not in known:
            raise Invalid(
                _("%(name)s is one of: %(known)s") % {"name": name, "known": ", ".join(known)},
                code=name,
            )
    return IkmAnswer(
        year=year,
        agency_id=agencies.get(agency),
        service=service,
        **{u: _mark(u, given.get(u)) for u in ELEMENTS},
        **about,
        entered_at=clock.now(),
    )


def _mark(element: str, given: Any) -> int:
    text = str(given).strip()
    if text not in map(str, range(LOWEST, HIGHEST + 1)):
        raise Invalid(_("%(name)s is a number from 1 to 4.") % {"name": element}, code="answers")
    return int(text)


def _check_service(service: str) -> None:
    try:
        IkmAnswer._meta.get_field("service").run_validators(service)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="service") from error


def _year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(_("This year is not possible."), code="year")
    return year


def _agencies() -> dict[str, int]:
    return dict(Agency.objects.values_list("code", "pk"))


def _name(year: int, table: str, number: int, given: Mapping[str, str]) -> str:
    """What a line is known by: the number that the city gave the respondent, else its place in
    this very table."""
    if own := given.get("id"):
        return f"{year}:{source_key('ikm', own)}"
    return f"{year}:{number}:{hashlib.sha256(table.encode()).hexdigest()[:48]}"
