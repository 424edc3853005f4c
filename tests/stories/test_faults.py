"""What is answered when there is nothing to show, or something broke."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.test import Client

from sigap.config import health, middleware
from sigap.core.models import User
from tests.stories.asking import get

Browser = Callable[[str | None], Client]
SECRET = "Bu Kenari 081298765432"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let /healthz stumble."""

    def stumble(error: Exception) -> None:
        def fail(*_args: Any, **_more: Any) -> None:
            raise error

        monkeypatch.setattr(health, "HttpResponse", fail)

    return stumble


@pytest.fixture
def quiet() -> Client:
    """A client that answers as a server does, instead of raising."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/no/such/page", "/incidents/abc", "/%00", "/static/no.js"])
def test_an_unknown_address_is_told_as_json_to_programs_and_as_a_page_to_people(
    address: str, browser_of: Browser
) -> None:
    client = browser_of("call_taker")
    answer = get(client, address)
    assert (answer["status"], answer["error"]["code"]) == (404, "missing")
    page = client.get(address)
    assert page.status_code == 404
    assert "Tidak ada apa-apa di alamat ini" in page.text and '<html lang="id"' in page.text


def test_an_unknown_address_is_told_in_the_persons_language(
    browser_of: Browser, person: Callable[[str], User]
) -> None:
    User.objects.filter(username="dispatcher").update(language="en")
    page = browser_of("dispatcher").get("/no/such/page")
    assert "There is nothing at this address." in page.text and '<html lang="en"' in page.text


def test_a_stranger_learns_no_more_than_that(client: Client) -> None:
    page = client.get("/no/such/page")
    assert page.status_code == 404 and "/sign-in" in page.text
    assert page["Content-Security-Policy"] and page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_crash_says_neither_where_nor_with_what(
    accept: str, failing: Callable[[Exception], None], quiet: Client
) -> None:
    failing(ValueError(SECRET))
    answer = quiet.get("/healthz", headers={"Accept": accept})
    assert answer.status_code == 500 and answer["Content-Type"].startswith(accept)
    assert answer.text  # words, whoever asks
    for leak in ("Kenari", "ValueError", "Traceback", ".py"):
        assert leak not in answer.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (PermissionDenied(SECRET), 403, "forbidden"),
        (DatabaseError(SECRET), 503, "busy"),
        (OSError(SECRET), 500, "fault"),
    ],
)
def test_each_fault_has_its_status_and_code(
    error: Exception,
    status: int,
    code: str,
    failing: Callable[[Exception], None],
    quiet: Client,
) -> None:
    failing(error)
    answer = get(quiet, "/healthz")
    assert (answer["status"], answer["error"]["code"]) == (status, code)
    assert SECRET not in str(answer)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_database_that_fails_before_any_view_is_said_to(
    accept: str, quiet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise DatabaseError(SECRET)

    monkeypatch.setattr(middleware, "person_of", fail)
    monkeypatch.setattr(middleware, "deployment", fail)
    answer = quiet.get("/", headers={"Accept": accept})
    assert answer.status_code == 503 and SECRET not in answer.text


def test_a_form_that_breaks_its_own_rules_is_not_understood(browser_of: Browser) -> None:
    client = browser_of("call_taker")
    answer = client.post(
        "/calls/enter",
        data=b"--x\r\nbroken",
        content_type="multipart/form-data",
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
