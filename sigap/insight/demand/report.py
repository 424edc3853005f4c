"""The week to come in words, as text, CSV and JSON."""

import csv
import io
import json
from typing import Any

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .backtest import FALLBACK, Backtest, Result
from .methods import LEAST_DAYS, REGRESSION_DAYS
from .outlook import Outlook

COLUMNS = ("at", "mean", "low80", "high80", "low95", "high95")


def method_name(method: str) -> str:
    """A method in words."""
    return {
        "last_week": _("as in the same hour of last week"),
        "same_hours": _("mean of the same hours"),
        "regression": _("regression on the calendar"),
        "trees": _("trees (LightGBM)"),
    }.get(method, method)


def flag_name(flag: str) -> str:
    """A sort of day or hour in words."""
    return {
        "holiday": _("holidays"),
        "lebaran": _("Lebaran"),
        "mudik": _("the weeks around Lebaran"),
        "ramadan": _("Ramadan"),
        "sahur": _("the hours of sahur"),
        "berbuka": _("the hours of breaking the fast"),
        "tarawih": _("the hours of tarawih"),
        "school": _("school holidays"),
    }.get(flag, flag)


def notes(outlook: Outlook) -> list[str]:
    """What a reader must know beside the numbers."""
    found = []
    days = number_format(outlook.known_days, 0)
    unlearned = [flag_name(n.partition(".")[2]) for n in outlook.notes if n[:4] == "unle"]
    for note in outlook.notes:
        kind, _dot, what = note.partition(".")
        if kind == "few_days":
            found.append(
                _("Not enough data: %(days)s days are known, and at least %(least)s are needed.")
                % {"days": days, "least": LEAST_DAYS}
            )
        elif kind == "no_regression":
            found.append(
                _("Only plain means yet: %(days)s days are known; from %(least)s on more is tried.")
                % {"days": days, "least": REGRESSION_DAYS}
            )
        elif kind == "stale":
            found.append(_("Nothing is known of the last days: this may be out of date."))
        elif kind == "one_hour":
            found.append(
                _("Nearly all calls are in one hour of the day: their times seem not to be known.")
            )
        elif kind == "failed":
            found.append(
                _("“%(method)s” gave no answer that can be trusted, and is not used.")
                % {"method": method_name(what)}
            )
    if unlearned:
        found.append(
            _("Ahead lies what this forecast has not learned: %(what)s. It may be further off.")
            % {"what": ", ".join(unlearned)}
        )
    return found


def verdict(tested: Backtest | None) -> str:
    """Which method won on the city's own weeks and by how much, in plain words."""
    if tested is None or not tested.results:
        return _("No week could be forecast afterwards yet: how good this is is not known.")
    known = {result.method: result for result in tested.results}
    used, naive = known[tested.used], known.get("last_week")
    weeks = ngettext("%(n)s week", "%(n)s weeks", tested.weeks) % {"n": tested.weeks}
    words = [
        _("In use: %(method)s. Each of the last %(weeks)s was forecast from what was known before.")
        % {"method": method_name(tested.used), "weeks": weeks}
    ]
    if naive is not None and naive.crps > 0:
        by = number_format(100 * (1 - used.crps / naive.crps), 1)
        words.append(
            _("Its error is %(by)s %% smaller than that of last week's numbers.") % {"by": by}
        )
    if tested.used == FALLBACK:
        words.append(_("No other method was better beyond chance."))
    else:
        words.append(
            _("Than the mean of the same hours it is better by %(by)s %%.") % {"by": better(used)}
        )
    return " ".join(words)


def better(result: Result) -> str:
    """By how many percent its error is smaller than the mean's, with the 95 % interval."""
    ends = (result.better_percent, result.better_low, result.better_high)
    by, low, high = (number_format(end, 1) for end in ends)
    return _("%(by)s (95 %%: %(low)s to %(high)s)") % {"by": by, "low": low, "high": high}


def rows(outlook: Outlook, whole_days: bool = False) -> list[dict[str, Any]]:
    """One for each hour or day: its mean, and the ends of its intervals."""
    of = outlook.days if whole_days else outlook.hours
    if not of:
        return []
    spread = outlook.day_spread() if whole_days else outlook.spread()
    ends = (*spread.interval(80), *spread.interval(95))
    return [
        {"at": row.at, "mean": row.mean}
        | {name: int(end[n]) for name, end in zip(COLUMNS[2:], ends, strict=True)}
        for n, row in enumerate(of)
    ]


def as_json(outlook: Outlook) -> str:
    """All of it; the keys are stable, and `null` stands for what cannot be known."""
    tested = outlook.backtest
    data = {
        "format": outlook.format,
        "city": outlook.city,
        "drill": outlook.drill,
        "made_at": outlook.made_at,
        "known_days": round(outlook.known_days, 2),
        "calls": outlook.calls,
        "from": outlook.first,
        "to": outlook.last,
        "unknown_hours": sum(gap.hours for gap in outlook.gaps),
        "notes": outlook.notes,
        "method": tested.used if tested else ("same_hours" if outlook.hours else None),
        "backtest": {
            r.method: {k: v for k, v in vars(r).items() if k != "method"} for r in tested.results
        }
        if tested
        else None,
        "hours": rows(outlook),
        "days": rows(outlook, whole_days=True),
        "areas": vars(outlook.areas) | {"rows": [vars(r) for r in outlook.areas.rows]},
        "types": vars(outlook.types) | {"rows": [vars(r) for r in outlook.types.rows]},
    }
    return json.dumps(data, default=lambda at: at.isoformat(), indent=2) + "\n"


def as_csv(outlook: Outlook) -> str:
    """The hours, one on each line."""
    into = io.StringIO()
    table = csv.DictWriter(into, COLUMNS, lineterminator="\n")
    table.writeheader()
    for row in rows(outlook):
        table.writerow(row | {"at": row["at"].isoformat(), "mean": f"{row['mean']:.3f}"})
    return into.getvalue()


def as_text(outlook: Outlook) -> str:
    """For a terminal."""
    lines = [_("Calls to come, %(city)s") % {"city": outlook.city}]
    if outlook.drill:
        lines.append(_("LATIHAN") + ": " + _("these are not figures of the city."))
    lines.append(
        _("From %(calls)s calls of %(days)s known days; %(gaps)s hours are unknown and left out.")
        % {
            "calls": number_format(outlook.calls, force_grouping=True),
            "days": number_format(outlook.known_days, 0),
            "gaps": sum(gap.hours for gap in outlook.gaps),
        }
    )
    lines += notes(outlook)
    if outlook.hours:
        lines += [verdict(outlook.backtest), ""]
        lines += [f"{'':<18}{_('expected'):>10}{'80 %':>12}{'95 %':>12}"]
        for at, row in ((f"{r['at']:%Y-%m-%d}", r) for r in rows(outlook, whole_days=True)):
            lines.append(_line(at, row))
        lines.append("")
        lines += [_line(f"{row['at']:%Y-%m-%d %H:%M}", row) for row in rows(outlook)]
    return "\n".join(lines) + "\n"


def _line(name: str, row: dict[str, Any]) -> str:
    ends = (f"{row['low80']}–{row['high80']}", f"{row['low95']}–{row['high95']}")
    return f"{name:<18}{number_format(row['mean'], 1):>10}{ends[0]:>12}{ends[1]:>12}"


def busiest(outlook: Outlook) -> int:
    """The hour of which most is expected, by its place."""
    return int(np.argmax([hour.mean for hour in outlook.hours]))
