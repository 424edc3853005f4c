"""The lists of a hundred thousand complaints, each through its real page: the desk's and an
agency's, a hundred rows a page, and the public list; and how long `sigap monev` takes of them.

`python -m bench.lists AGENCY` says of the database how many SQL statements each page asks
and where a page deep in each list begins.
"""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.postgres import private_cluster

from .load import Answers, request, send
from .product import Product, product
from .table import Measure, percentile

COMPLAINTS = 100_000
TURNS = 100
WARM = 10
DEEP = 40  # pages from the top
MONEV_TURNS = 3
WHO = {"desk": "bench-desk", "agency": "bench-agency", "public": ""}
# Of a page, what its list asks: rows, counts, choices. The rest is session, person, city, and what
# the forms below the list offer.
OWN = re.compile(r'FROM "complaints_(complaint|referral|category)"')


def run() -> list[Measure]:
    """Both databases."""
    with product() as served:
        found = _measure(served, "SQLite")
    with private_cluster() as url, product(url) as served:
        return found + _measure(served, "PostgreSQL")


def _measure(served: Product, name: str) -> list[Measure]:
    filled = served.cost("bench.filled", served.password, str(COMPLAINTS))
    agency = filled.printed.split()[-1]
    served.start()
    pages: dict[str, dict[str, Any]]
    pages = json.loads(served.cost("bench.lists", agency).printed)
    found = [Measure(f"{name}: filled with {COMPLAINTS:,} complaints", filled.seconds, "s")]
    slow = 0.0
    for what, page in pages.items():
        took = _asked(served, WHO[what.partition(" ")[0]], page["path"]).latencies_ms
        slow = max(slow, percentile(took, 99))
        found.append(Measure(f"{name}: {what}", percentile(took, 50), "ms", at_most=50))
    found += [
        Measure(f"{name}: P99 of the slowest of these", slow, "ms"),
        Measure(f"{name}: most statements of a list", max(p["own"] for p in pages.values()), "", 3),
        Measure(f"{name}: most statements of a page", max(p["all"] for p in pages.values())),
    ]
    served.stop()
    last = datetime.now(UTC).date()
    period = ("--from", str(last - timedelta(days=366)), "--to", str(last))
    monev = [served.cost("sigap.config.cli", "monev", *period) for _turn in range(MONEV_TURNS)]
    return [
        *found,
        Measure(f"{name}: sigap monev, whole", percentile([m.seconds for m in monev], 50), "s"),
        Measure(f"{name}: its processor", percentile([m.processor_s for m in monev], 50), "s"),
    ]


def _asked(served: Product, who: str, path: str) -> Answers:
    """One person, one page after the other."""
    headers = {"Accept": "text/html"}
    if who:
        headers = served.browser(who).headers() | headers
    wanted = [request("GET", path, headers)] * (WARM + TURNS)
    answers = send(served.port, wanted, clients=1, seconds=120).expect(200)
    answers.latencies_ms = answers.latencies_ms[WARM:]
    return answers


def main(agency: str) -> None:
    """Print the pages: address, statements of the list itself, all statements."""
    from sigap.config.cli import start_django

    start_django()
    from django.test import Client

    found = {}
    for what, path in _pages(agency).items():
        client = Client(headers={"host": "127.0.0.1"})
        if who := WHO[what.partition(" ")[0]]:
            _sign_in(client, who)
        client.get(path)  # what a process remembers is there from now on
        asked = _statements(client, path)
        own = [sql for sql in asked if OWN.search(sql)]
        found[what] = {"path": path, "own": len(own), "all": len(asked)}
    print(json.dumps(found))


def _pages(agency: str) -> dict[str, str]:
    """The pages that are asked for, by what they are."""
    from sigap.complaints.models import Complaint

    kind = Complaint.objects.exclude(category=None).earliest("pk").category
    assert kind is not None
    return {
        "desk": "/complaints?tab=new",
        "desk late": "/complaints?tab=late",
        "desk all": "/complaints?tab=all",
        "desk one category": f"/complaints?tab=all&category={kind.code}",
        "desk one agency": f"/complaints?tab=agency&agency={agency}",
        "desk a telephone": "/complaints?word=081200000007",
        "desk deep": _deep("desk", agency),
        "agency": "/agency/complaints",
        "agency one category": f"/agency/complaints?category={_theirs(agency)}",
        "agency over, deep": _deep("agency", agency),
        "public": "/aduan",
        "public one category": f"/aduan?kategori={_shown()}",
        "public deep": f"/aduan?setelah={COMPLAINTS // 2}",
    }


def _deep(whose: str, agency: str) -> str:
    from urllib.parse import urlencode

    from sigap.complaints import lists

    tab, at, page = ("late" if whose == "desk" else "over"), None, None
    for _turn in range(DEEP):
        wanted = lists.Wanted(tab=tab, after=at)
        page = lists.desk_page(wanted) if whose == "desk" else lists.agency_page(agency, wanted)
        assert page.next, "the list is too short"
        at = page.next
    assert at is not None
    home = "/complaints" if whose == "desk" else "/agency/complaints"
    return f"{home}?{urlencode({'tab': tab, 'after': f'{at[0].isoformat()},{at[1]}'})}"


def _theirs(agency: str) -> str:
    from sigap.complaints.models import Category

    return str(Category.objects.filter(agency__code=agency).earliest("pk").code)


def _shown() -> str:
    from sigap.public.published import kinds

    return next(iter(kinds()))


def _sign_in(client: Any, who: str) -> None:
    """A session as the sign-in page begins it."""
    from django.conf import settings

    from sigap.core import clock
    from sigap.core.models import User

    user, session, now = User.objects.get(username=who), client.session, clock.now().timestamp()
    session.update({"user_id": user.pk, "epoch": user.epoch, "seen": now, "began": now})
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""


def _statements(client: Any, path: str) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        answer = client.get(path)
    if answer.status_code != 200:  # noqa: PLR2004
        raise RuntimeError(f"{path}: {answer.status_code}")
    return [query["sql"] for query in caught.captured_queries]


if __name__ == "__main__":
    main(*sys.argv[1:])
