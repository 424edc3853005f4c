"""An outbreak in a city, in processes of its own: `python -m tests.process.outbreak make`, then
`scan` in as many at once as wanted; a scan prints how many alarms it raised."""

import sys
from datetime import timedelta

from sigap.config.cli import start_django
from sigap.core.actors import system


def make() -> None:
    """Half a year with a tree every other day, and twelve in one kelurahan now."""
    from sigap.complaints.models import Category, Complaint
    from sigap.core import clock
    from sigap.insight.warning.watch import due
    from sigap.places.models import Area

    until, areas = due(clock.now()), list(Area.objects.order_by("code"))
    facts = {"channel": "web", "category": Category.objects.get(code="pohon")}
    days = [(day, areas[day % len(areas)]) for day in range(15, 180, 2)]
    days += [(day % 4, areas[5]) for day in range(12)]
    Complaint.objects.bulk_create(
        Complaint(
            number=f"O{n}",
            token=f"O{n}",
            area=area,
            filed_at=until - timedelta(days=day, hours=n % 20 + 1),
            **facts,
        )
        for n, (day, area) in enumerate(days)
    )


def scan() -> None:
    """As a worker does."""
    from sigap.config.insights import seek_trends

    print(seek_trends(system("timer")))


if __name__ == "__main__":
    start_django()
    {"make": make, "scan": scan}[sys.argv[1]]()
