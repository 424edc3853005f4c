"""What a page shows of a month's figures, or of a year's, in the reader's language."""

from typing import Any

from sigap.complaints.machine import COMPLAINT
from sigap.evaluation.definitions import definitions, label
from sigap.evaluation.models import CLOCKS
from sigap.evaluation.open_month import CALL_LINES, DEADLINE_PARTS
from sigap.evaluation.written import mean, percent, whole

from ..models import Edition
from .map import map_of
from .words import count, duration, grown, line_name, name_of

PUBLIC_CLASSES = ("valid", "prank", "ghost", "information")


def mean_times(found: list[Edition]) -> list[str]:
    """The mean of each clock over the months that show theirs, by how many each is of. Medians
    and P90 are never averaged."""
    means = []
    for clock in CLOCKS:
        told_of = [one.body["response"]["clocks"][clock] for one in found]
        known = [one for one in told_of if one["n"] and one["mean_s"] is not None]
        n = sum(one["n"] for one in known)
        seconds = sum(one["n"] * one["mean_s"] for one in known) / n if n else None
        means.append(f"{duration(seconds)} (n {whole(n)})" if n else "–")
    return means


def calls_of(told_of: dict[str, Any]) -> dict[str, Any]:
    """The lines of the calls, with their share where all four classes are shown."""
    lines = told_of["lines"]
    four = [lines[key] for key in PUBLIC_CLASSES]
    together = None if None in four else sum(four)

    def share(key: str) -> str:
        if key not in PUBLIC_CLASSES or not together:
            return "–"
        return percent(round(100 * lines[key] / together, 2))

    return {
        "lines": [(line_name(key), count(lines[key]), share(key)) for key in CALL_LINES],
        "total": count(told_of["total"]),
    }


def times_of(told_of: dict[str, Any]) -> dict[str, str]:
    """One clock."""
    return {
        "n": count(told_of["n"]),
        "mean": duration(told_of["mean_s"]),
        "p50": duration(told_of["p50_s"]),
        "p90": duration(told_of["p90_s"]),
    }


def complaints_of(told_of: dict[str, Any]) -> dict[str, Any]:
    """All that is shown of complaints, and the map of them."""
    areas = {one["code"]: one["n"] for one in told_of["areas"] if one["code"]}
    times = told_of["times"]
    return {
        "filed": count(told_of["total"]),
        "states": [
            (COMPLAINT.names[state], count(n)) for state, n in sorted(told_of["states"].items())
        ],
        "deadlines": [_deadline(name, parts) for name, parts in told_of["deadlines"].items()],
        "waits": [
            (label(name), definitions()[name], grown(one["n"]), *_days(one))
            for name, one in times.items()
        ],
        "kinds": sorted(
            (name_of(one), count(one["n"])) for one in told_of["categories"] if one["n"] != 0
        ),
        "areas": [
            (name_of(one), count(one["n"]))
            for one in sorted(told_of["areas"], key=lambda one: (one["code"] == "", one["name"]))
            if one["code"] or one["n"] != 0
        ],
        "map": map_of(areas),
    }


def _deadline(name: str, parts: dict[str, int | None]) -> dict[str, Any]:
    within, late = parts["within"], parts["late"]
    kept = None
    if within is not None and late is not None and within + late:
        kept = round(100 * within / (within + late), 2)
    return {
        "name": label(name),
        "parts": [count(parts[part]) for part in DEADLINE_PARTS],
        "kept": percent(kept),
    }


def _days(one: dict[str, Any]) -> tuple[str, str, str]:
    return duration(one["mean_s"]), duration(one["p50_s"]), duration(one["p90_s"])


def survey_of(told_of: dict[str, Any]) -> dict[str, str]:
    """One survey: the mean never without how many it is of."""
    return {
        "asked": count(told_of["asked"]),
        "n": count(told_of["n"]),
        "rate": percent(told_of["response_percent"]),
        "mean": mean(told_of["mean"]),
    }
