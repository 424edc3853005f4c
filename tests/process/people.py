"""Hires one person per role into a city, in a process of its own: python -m tests.process.people

Their user names are the roles' names; `PASSWORD` is the password of them all.
"""

from typing import Any

from sigap.config.cli import start_django

from .server import PASSWORD

DESKS = {"call_taker": "P1", "dispatcher": "D1"}


def main() -> None:
    """Hire who is missing, and begin the shifts of those at a desk."""
    start_django()
    from sigap.core.actions.accounts import create_user
    from sigap.core.actions.configuration import set_parameter
    from sigap.core.actions.shifts import start_shift
    from sigap.core.actors import AGENCY_ROLES, Role, of_user, system
    from sigap.core.models import User
    from sigap.core.names import role_names

    for role, name in role_names().items():
        if User.objects.filter(username=role.value).exists():
            continue
        user = create_user(
            role.value,
            name=name,
            password=PASSWORD,
            roles=[role.value],
            agency="psc119" if role in AGENCY_ROLES else "",
            unit="AMB-01" if role == Role.CREW else "",
            actor=system("setup"),
            must_change_password=False,
        )
        if role.value in DESKS:
            start_shift(role=role.value, desk=DESKS[role.value], actor=of_user(user))
    _complaints()
    _warnings()
    _proposals()
    _report()
    # Drawn by lot as in life, no test could tell what happens.
    set_parameter("quality.sample_percent", 100, actor=system("setup"))


def _complaints() -> None:
    """A complaint that an agency has, and what the city may set that its pack leaves empty."""
    from datetime import date

    from sigap.complaints.actions import dispose_complaint, file_complaint
    from sigap.complaints.models import AnswerTemplate, WorkingDay
    from sigap.core.actions.configuration import define
    from sigap.core.actors import system
    from sigap.fleet.models import Agency
    from sigap.incidents.models import IncidentType
    from sigap.neighbours.models import TypeCode
    from sigap.notify.models import Ways

    setup = system("setup")
    define(AnswerTemplate, key={"name": "Diganti"}, body="Lampu diganti.", actor=setup)
    own = Agency.objects.get(code="psc119")
    define(Ways, key={"agency": own}, channels=["push", "station", "sms"], actor=setup)
    define(WorkingDay, key={"day": date(2026, 12, 9)}, name="Pilkada", actor=setup)
    told = {"body": "Lampu jalan mati", "lat": -7.8185, "lng": 112.0155, "location_source": "pin"}
    define(TypeCode, key={"code": "VEGFIRE"}, type=IncidentType.objects.first(), actor=setup)
    complaint = file_complaint(channel="web", category="pju", actor=setup, **told)
    dispose_complaint(complaint.pk, ["psc119"], actor=setup)


def _proposals() -> None:
    """An early warning and a place that returns, for an agency to answer."""
    from datetime import timedelta

    from sigap.core import clock
    from sigap.core.actors import system
    from sigap.places.models import Area
    from sigap.proposals.actions import note_scan
    from sigap.proposals.found import Calibrated, Finding

    until, setup = clock.now() - timedelta(days=30), system("setup")
    since = until - timedelta(days=4)
    areas = list(Area.objects.order_by("code").values_list("code", flat=True)[:3])
    facts = ("category:pju", "psc119", areas, ["complaint:1"], since, until)
    warning = Finding("cluster", *facts, 9, 0.4, 200.0)
    made = Calibrated("category:pju", {}, cases=300, days=200)
    note_scan("days", until, [warning], calibrated=[made], actor=setup)
    note_scan("returns", until, [Finding("return", *facts, 4)], actor=setup)


def _warnings() -> None:
    """Public warnings of each kind, none of which is in force: other screens stay as they are."""
    from sigap.core import clock
    from sigap.core.actions.accounts import create_user
    from sigap.core.actors import Role, of_user, system
    from sigap.core.models import User
    from sigap.gateways.cap.parse import parse
    from sigap.places.models import Area
    from sigap.warnings import actions
    from sigap.warnings.actions.issuing import Writing
    from sigap.warnings.matching import touched_by
    from sigap.warnings.models import WarningSource
    from sim.caps import FAR, alert

    setup = system("setup")
    # One that is not asked: there is nobody at that address.
    address = {"url": "https://cuaca.example/rss", "active": False}
    source = actions.define_source(WarningSource, key={"name": "Cuaca"}, actor=setup, **address)
    actions.refuse_warning(source, "missing:sent", url=source.url, actor=setup)
    text = alert(clock.now(), polygon=FAR, instruction="Menjauh dari pohon.")
    message = parse(text.encode())
    about = {"url": source.url, "document": text, "actor": setup}
    actions.receive_warning(source, message, touched_by(message), **about)
    boss = of_user(User.objects.get(username=Role.SUPERVISOR))
    hired = create_user(
        "supervisor2",
        name="Pengawas kedua",
        password=PASSWORD,
        roles=[Role.SUPERVISOR],
        actor=setup,
        must_change_password=False,
    )
    where = {"areas": [Area.objects.earliest("code").code]}
    codes = {"severity": "Minor", "urgency": "Future", "certainty": "Possible"}
    words = {"event": "Angin", "headline": "Angin kencang", "description": "Waspadai pohon."}
    writing = Writing(category="Met", hours=1, **codes, **words, **where)
    for n in range(2):
        made = actions.draft_announcement(writing, actor=boss)
        if n:
            _issue(made.pk, boss, of_user(hired))
            over = actions.cancel_announcement(made.pk, why="Sudah reda.", actor=boss)
            _issue(over.pk, boss, of_user(hired))


def _report() -> None:
    """A report that waits for its findings."""
    from datetime import timedelta

    from sigap.core import clock
    from sigap.core.actors import Role, of_user
    from sigap.core.models import User
    from sigap.reviews.reports.actions import draft_report

    evaluator = of_user(User.objects.get(username=Role.EVALUATOR))
    day = clock.now().date()
    month = day - timedelta(days=30), day
    before = day - timedelta(days=61), day - timedelta(days=31)
    draft_report(*month, compare=before, actor=evaluator)


def _issue(number: int, one: Any, other: Any) -> None:
    from sigap.warnings import actions

    actions.propose_announcement(number, actor=one)
    actions.issue_announcement(number, actor=other)


if __name__ == "__main__":
    main()
