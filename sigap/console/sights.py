"""What of the board each kind of screen gets: the wall no personal data, an agency its own."""

from collections.abc import Sequence
from typing import Any

from sigap.dispatch.machine import MOVING_OR_THERE, OPEN
from sigap.places.geo import distance_m

Row = dict[str, Any]
# A unit so near to its station is there.
AT_HOME_M = 300
# What a screen without personal data does not get.
_PERSONAL = {
    "calls": ("number", "phone", "history", "said", "chat", "trunk", "located", "rank", "parties"),
    "incidents": ("address", "landmark", "lat", "lng", "answers", "located"),
    "operators": ("pause_reason",),
}


def without_personal_data(board: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The same rows for the wall: no numbers, no addresses, no exact points, and a unit that
    is out only to about a kilometre: where it stops is where the incident is."""
    board = board | {"units": [_rough_unit(unit) for unit in board.get("units", ())]}
    return {
        table: [
            {k: (None if k in _PERSONAL.get(_plain(table), ()) else v) for k, v in row.items()}
            for row in rows
        ]
        for table, rows in board.items()
    }


def _rough_unit(unit: Row) -> Row:
    at_work = any(job["state"] in MOVING_OR_THERE for job in unit["jobs"])
    lat, lng = rough_point(unit["lat"], unit["lng"], unit["home"], at_work=at_work)
    return unit | {"lat": lat, "lng": lng, "accuracy_m": None, "mark": ""}


def rough_point(
    lat: float | None, lng: float | None, home: Sequence[float | None], *, at_work: bool
) -> tuple[float | None, float | None]:
    """Where a unit is, for those who may not know where an incident is: its station while it
    is there, else to about a kilometre; also after its work, when it is still at the place."""
    if lat is None or lng is None:
        return None, None
    home_lat, home_lng = home
    out = at_work or home_lat is None or home_lng is None
    if out or distance_m(lat, lng, home_lat, home_lng) > AT_HOME_M:  # type: ignore[arg-type]
        return round(lat, 2), round(lng, 2)
    return home_lat, home_lng


def _plain(table: str) -> str:
    return "calls" if table == "callbacks" else table


def of_agency(board: dict[str, list[Row]], agency: str) -> dict[str, list[Row]]:
    """Only the units of one agency, and the incidents that they are sent to now: where these
    are, not where the phone of whoever reported them is, and not what others do beside them."""
    return {
        "incidents": [
            row | {"located": None, "sum": None}
            for row in board.get("incidents", ())
            if any(job["agency"] == agency and job["state"] in OPEN for job in row["jobs"])
        ],
        "units": [row for row in board.get("units", ()) if row["agency"] == agency],
    }
