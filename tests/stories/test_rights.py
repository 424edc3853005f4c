"""Every address, with every role and with none."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sigap.console.stream import NEEDS, admit
from sigap.core.actors import ROLE_PERMISSIONS, Permission, Role

P = Permission
# A value for each kind of part of an address; it need not exist.
PARTS = {"int": "999999", "str": "XXX-99", "slug": "types", "path": "x", "uuid": "0" * 32}
EVERYBODY: list[Role | None] = [None, *Role]
# Answers that say "you may not": sign in first, 401, 403. Anything else passed the gate.
AT_THE_DOOR = (401, 403)


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Each address with its pattern."""

    def walk(
        patterns: list[URLPattern | URLResolver], before: str
    ) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            address = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, address)
            else:
                yield address, pattern

    yield from walk(get_resolver().url_patterns, "/")


def filled(address: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda part: PARTS[part[1] or "str"], address)


def allowed(role: Role | None, permission: Permission) -> bool:
    if permission == P.PUBLIC:
        return True
    if role is None:
        return False
    return permission == P.ANYONE or permission in ROLE_PERMISSIONS[role]


ROUTES = dict(routes())


def test_there_are_addresses_to_walk() -> None:
    assert len(ROUTES) > 60


@pytest.mark.parametrize("address", ROUTES)
def test_a_view_names_its_permission(address: str) -> None:
    assert isinstance(getattr(ROUTES[address].callback, "permission", None), Permission)


@pytest.mark.parametrize("address", ROUTES)
def test_only_who_may_gets_in(address: str, browser_of: Callable[[str | None], Client]) -> None:
    """The matrix of roles and addresses is what `ROLE_PERMISSIONS` says, for GET and POST."""
    permission: Permission = ROUTES[address].callback.permission  # type: ignore[attr-defined]
    for role in EVERYBODY:
        browser = browser_of(role.value if role else None)
        for method in ("get", "post"):
            headers = {"HTTP_ACCEPT": "application/json"}
            answer = getattr(browser, method)(filled(address), **headers)
            refused = answer.status_code in AT_THE_DOOR and _at_the_gate(answer)
            where = f"{method} {address} as {role}: {answer.status_code}"
            assert refused is not allowed(role, permission), where
            assert answer.status_code < 500, where


@pytest.mark.parametrize("address", ROUTES)
def test_a_stranger_is_led_to_the_sign_in_page(address: str, client: Client) -> None:
    permission = ROUTES[address].callback.permission  # type: ignore[attr-defined]
    if permission == P.PUBLIC:
        return
    answer = client.get(filled(address))
    if permission == P.METRICS:  # read by machines
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        return
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={filled(address)}")


@pytest.mark.parametrize("address", ROUTES)
def test_a_post_without_the_token_of_the_form_is_refused(
    address: str, browser_of: Callable[[str | None], Client], person: Callable[[str], object]
) -> None:
    permission: Permission = ROUTES[address].callback.permission  # type: ignore[attr-defined]
    role = next((r for r in Role if allowed(r, permission)), None)
    signed_in = browser_of(role.value if role else None)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in.cookies
    answer = strict.post(filled(address), HTTP_ACCEPT="application/json")
    if getattr(ROUTES[address].callback, "keyed", False):
        assert answer.status_code == 403  # no key
        return
    if address.startswith("/open311/"):  # told in a form of its own
        assert answer.status_code == 405
        return
    refusal = (answer.status_code, answer.json()["error"]["code"])
    assert refusal in ((403, "csrf"), (405, "method"))  # never taken


@pytest.mark.parametrize("address", ROUTES)
def test_asking_for_the_head_of_an_answer_changes_nothing(
    address: str, browser_of: Callable[[str | None], Client]
) -> None:
    """HEAD carries no token of a form, so it reaches only what GET may."""
    permission: Permission = ROUTES[address].callback.permission  # type: ignore[attr-defined]
    role = next((r for r in Role if allowed(r, permission)), None)
    browser = browser_of(role.value if role else None)
    asked, headed = browser.get(filled(address)), browser.head(filled(address))
    assert headed.status_code == asked.status_code  # 405 where only POST may come


@pytest.mark.parametrize("view", NEEDS)
def test_a_stream_opens_only_for_who_may_see_its_view(
    view: str, browser_of: Callable[[str | None], Client]
) -> None:
    for role in EVERYBODY:
        cookies = browser_of(role.value if role else None).cookies.output(header="", sep=";")
        admitted = admit({b"cookie": cookies.encode()}, view)
        assert (admitted is not None) is allowed(role, NEEDS[view]), f"{view} as {role}"
    assert admit({}, view) is None
    assert admit({b"cookie": b"sigap=made-up"}, view) is None


def test_the_reading_roles_cannot_read_personal_data() -> None:
    for role in (Role.EVALUATOR, Role.ADMINISTRATOR, Role.AGENCY, Role.CREW):
        assert not ROLE_PERMISSIONS[role] & {P.CONSOLE, P.TAKE_CALLS, P.MANAGE_INCIDENTS}


def test_each_permission_is_held_by_somebody() -> None:
    held = {P.PUBLIC, P.ANYONE}.union(*ROLE_PERMISSIONS.values())
    assert held == set(Permission)


def _at_the_gate(answer: Any) -> bool:
    """Whether the refusal is the gate's own, not one of the action behind it."""
    if answer["Content-Type"] != "application/json":
        return False
    code, message = answer.json()["error"]["code"], answer.json()["error"]["message"]
    drill = "own machine" in message or "mesin" in message
    return code in ("sign_in", "forbidden") and not drill


KEYED = [address for address in ROUTES if getattr(ROUTES[address].callback, "keyed", False)]


def test_where_no_forms_token_is_asked_for_a_key_is() -> None:
    """Only where programs write."""
    assert {address.rpartition(".")[0] or address for address in KEYED} == {
        "/crew/push/received",  # the receipt in the push is the proof
        "/open311/v2/requests",
        "/open311/v2/requests/<str:number>/comments",
    }


@pytest.mark.parametrize("address", KEYED)
@pytest.mark.parametrize("role", Role)
def test_a_signed_in_person_is_no_program(
    address: str, role: Role, browser_of: Callable[[str | None], Client]
) -> None:
    assert browser_of(role.value).post(filled(address)).status_code == 403
