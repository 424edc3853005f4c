"""A city to test in: Kediri's pack, one person per role, a clock that stands still."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client, override_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from sigap.calls.actions import report_event, take_call
from sigap.calls.models import Call
from sigap.complaints import sorting
from sigap.core import clock, remembered
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import set_parameter
from sigap.core.actors import AGENCY_ROLES, Actor, Role, of_user, system
from sigap.core.models import Journal, User
from sigap.public.transparency import figures

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 08:00 WIB on a Monday
PBX = system("pbx")


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the garbage collector need not look through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2 is meant to be slow; the suite makes and checks many passwords."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Each test client builds the middleware anew; the program's own files stay what they are."""
    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            find(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Load the city and its people once; each test's own changes are rolled back."""
    from sigap.packs.load import find_pack, load_pack

    with django_db_blocker.unblock(), clock.frozen(START):
        load_pack(find_pack("kediri"), actor=system("setup"), drill=False)
        for role in Role:
            create_user(
                role.value,
                name=role.value.replace("_", " ").title(),
                password="kata sandi uji coba",
                roles=[role.value],
                agency="psc119" if role in AGENCY_ROLES else "",
                unit="AMB-01" if role == Role.CREW else "",
                actor=system("setup"),
                must_change_password=False,
            )
        # Which calls are drawn hangs on the machine's key: none is, but where a test wants it.
        set_parameter("quality.sample_percent", 0, actor=system("setup"))


@pytest.fixture(autouse=True)
def time() -> Iterator[clock.Frozen]:
    """The frozen clock; `time.forward(seconds)` moves it."""
    remembered.forget()
    sorting.forget()
    figures.forget()
    with clock.frozen(START) as still:
        yield still


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """The person of a role, e.g. person("dispatcher")."""
    return lambda role: User.objects.get(username=role)


@pytest.fixture
def actor(person: Callable[[str], User]) -> Callable[[str], Actor]:
    """The actor of a role, e.g. actor("call_taker")."""
    return lambda role: of_user(person(role))


@pytest.fixture
def browser_of(person: Callable[[str], User]) -> Callable[[str | None], Client]:
    """An HTTP client signed in as a role, or as nobody."""

    def sign_in(role: str | None) -> Client:
        client = Client()
        if role:
            user = person(role)
            session = client.session
            session.update(
                {"user_id": user.pk, "epoch": user.epoch, "seen": clock.now().timestamp()}
            )
            session.save()
            client.cookies["sigap"] = session.session_key or ""
        return client

    return sign_in


@pytest.fixture
def ring(db: None) -> Callable[..., Call]:
    """Let a call ring: ring("0812...")."""
    count = iter(range(1, 10_000))

    def presented(number: str | None = "081233451190", **more: Any) -> Call:
        return report_event(
            "presented",
            source="pbx",
            external_id=f"ring-{next(count)}",
            at=clock.now(),
            number=number,
            actor=PBX,
            **more,
        )

    return presented


@pytest.fixture
def answered(ring: Callable[..., Call], actor: Callable[[str], Actor]) -> Callable[..., Call]:
    """A call that the call taker has answered."""
    return lambda number="081233451190": take_call(ring(number).pk, actor=actor("call_taker"))


@pytest.fixture
def journal(db: None) -> Callable[[], list[str]]:
    """The kinds written since the test began."""
    start = Journal.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    return lambda: list(
        Journal.objects.filter(seq__gt=start).order_by("seq").values_list("kind", flat=True)
    )
