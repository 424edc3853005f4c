"""Times of a routing service that the city runs (OSRM or Valhalla), where it has set one.

Nobody waits for it: who asks gets what has been answered lately, and the question goes out beside.
When it is away, or knows no answer, the city's own roads count. Closures that a dispatcher has
entered are not known to it, so while there are any it is not asked.
"""

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Callable, Sequence
from http.client import HTTPException
from math import inf, nan
from typing import Any

from django.conf import settings

log = logging.getLogger(__name__)

Point = tuple[float, float]
FRESH_S = 60.0  # a time is believed for so long
WAIT_S = 5.0
REST_S = 30.0  # a service that failed is left alone for so long
MOST_PLACES = 1000
_MOST_KEPT = 20_000

_answers: OrderedDict[tuple[Point, Point], tuple[float, float]] = OrderedDict()
_asking = threading.Lock()
_rests_until = 0.0


def times(goal: Point, places: Sequence[Point]) -> list[float]:
    """Seconds from each place, as answered lately: infinite where it knows no way, not a number
    where it has not answered. What is missing is asked for now, for the next time."""
    service = settings.ENV.router_url
    if not service:
        return [nan] * len(places)
    now, to = time.monotonic(), _rounded(goal)
    kept = [_answers.get((to, _rounded(place))) for place in places]
    found = [at[1] if at and now - at[0] < FRESH_S else nan for at in kept]
    old = [
        place for place, at in zip(places, kept, strict=True) if not at or now - at[0] > FRESH_S / 2
    ]
    if old and now >= _rests_until and _asking.acquire(blocking=False):
        ask = _ASK[settings.ENV.router_kind]
        given = (ask, service.rstrip("/"), to, sorted({_rounded(place) for place in old}))
        threading.Thread(target=_ask, args=given, name="router", daemon=True).start()
    return found


def forget() -> None:
    """Believe no answer any more."""
    global _rests_until  # noqa: PLW0603 - a cache of this process
    _answers.clear()
    _rests_until = 0.0


def wait() -> None:
    """Wait until the question that is out has been answered: for tests."""
    with _asking:
        pass


def _rounded(point: Point) -> Point:
    """To about ten metres, so that a unit that stands is asked for once."""
    return round(point[0], 4), round(point[1], 4)


def _ask(ask: Callable[..., list[float]], service: str, goal: Point, places: list[Point]) -> None:
    global _rests_until  # noqa: PLW0603 - a cache of this process
    try:
        for start in range(0, len(places), MOST_PLACES):
            part = places[start : start + MOST_PLACES]
            for place, seconds in zip(part, ask(service, goal, part), strict=True):
                _answers[goal, place] = time.monotonic(), seconds
                _answers.move_to_end((goal, place))
        while len(_answers) > _MOST_KEPT:
            _answers.popitem(last=False)
    except (OSError, HTTPException, ValueError, KeyError, TypeError, IndexError) as fault:
        _rests_until = time.monotonic() + REST_S
        log.warning("the routing service does not answer: %s", type(fault).__name__)
    finally:
        _asking.release()


def _osrm(service: str, goal: Point, places: list[Point]) -> list[float]:
    points = ";".join(f"{lng:.4f},{lat:.4f}" for lat, lng in [goal, *places])
    sources = ";".join(str(n + 1) for n in range(len(places)))
    url = f"{service}/table/v1/driving/{points}?sources={sources}&destinations=0"
    return [_seconds(row[0]) for row in _json(urllib.request.Request(url))["durations"]]


def _valhalla(service: str, goal: Point, places: list[Point]) -> list[float]:
    question = {
        "sources": [{"lat": lat, "lon": lng} for lat, lng in places],
        "targets": [{"lat": goal[0], "lon": goal[1]}],
        "costing": "auto",
    }
    request = urllib.request.Request(
        f"{service}/sources_to_targets",
        data=json.dumps(question).encode(),
        headers={"Content-Type": "application/json"},
    )
    return [_seconds(row[0]["time"]) for row in _json(request)["sources_to_targets"]]


_ASK = {"osrm": _osrm, "valhalla": _valhalla}


def _seconds(told: Any) -> float:
    """A service says null where it knows no way."""
    if told is None:
        return inf
    seconds = float(told)
    if not 0 <= seconds < inf:
        raise ValueError("no time")
    return seconds


def _json(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        return json.load(answer)
