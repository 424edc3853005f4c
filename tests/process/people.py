"""Hires one person per role into a city, in a process of its own: python -m tests.process.people

Their user names are the roles' names; `PASSWORD` is the password of them all.
"""

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
    from sigap.notify.models import Ways

    setup = system("setup")
    define(AnswerTemplate, key={"name": "Diganti"}, body="Lampu diganti.", actor=setup)
    own = Agency.objects.get(code="psc119")
    define(Ways, key={"agency": own}, channels=["push", "station", "sms"], actor=setup)
    define(WorkingDay, key={"day": date(2026, 12, 9)}, name="Pilkada", actor=setup)
    told = {"body": "Lampu jalan mati", "lat": -7.8185, "lng": 112.0155, "location_source": "pin"}
    complaint = file_complaint(channel="web", category="pju", actor=setup, **told)
    dispose_complaint(complaint.pk, ["psc119"], actor=setup)


if __name__ == "__main__":
    main()
