"""Signing in: passwords, codes, waiting times, and how long a session lasts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from sigap.core import clock
from sigap.core.actions.accounts import (
    SignInFailed,
    change_password,
    change_user,
    check_sign_in,
    confirm_second_factor,
    create_user,
    forget_sign_ins,
    signed_in,
)
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Invalid
from sigap.core.models import Deployment, Journal, SignInThrottle, User

PASSWORD = "kata sandi uji coba"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
Sign = Callable[..., Any]


def code_at(offset: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(int(clock.now().timestamp()) + offset)


@pytest.fixture
def sign(client: Client) -> Sign:
    """Send the sign-in form."""

    def send(name: str, password: str = PASSWORD, *, goal: str = "", **more: Any) -> Any:
        form = {"username": name, "password": password, "next": goal}
        return client.post("/sign-in", form, **more)

    return send


@pytest.fixture
def with_factor(person: Callable[[str], User], time: clock.Frozen) -> User:
    """The supervisor, with an authenticator app."""
    user = person("supervisor")
    confirm_second_factor(user, SECRET, code_at(), actor=of_user(user))
    time.forward(60)
    return User.objects.get(pk=user.pk)


def test_a_call_taker_signs_in_and_comes_to_the_start_of_the_shift(
    sign: Sign, client: Client, journal: Callable[[], list[str]]
) -> None:
    answer = sign("call_taker")
    assert (answer.status_code, answer["Location"]) == (302, "/start")
    assert client.session["user_id"] == User.objects.get(username="call_taker").pk
    assert journal() == ["user.signed_in"]


def test_a_changed_program_says_where_its_source_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "AGPL" not in client.get("/sign-in").content.decode()
    monkeypatch.setattr(settings.ENV, "source_url", "https://git.example/kota")
    assert 'href="https://git.example/kota"' in client.get("/sign-in").content.decode()


def test_a_session_gets_a_new_key_at_sign_in(sign: Sign, client: Client) -> None:
    session = client.session
    session["planted"] = 1
    session.save()
    client.cookies["sigap"] = session.session_key or ""
    sign("call_taker")
    assert client.cookies["sigap"].value != session.session_key
    assert "planted" not in client.session


@pytest.mark.parametrize(("name", "password"), [("call_taker", "wrong"), ("nobody", PASSWORD)])
def test_a_refusal_does_not_say_which_of_the_two_was_wrong(
    sign: Sign, client: Client, name: str, password: str
) -> None:
    answer = sign(name, password)
    assert answer.status_code == 401
    assert "user_id" not in client.session
    text = answer.content.decode()
    assert name in text
    assert password not in text
    SignInThrottle.objects.all().delete()
    assert text.count("notice") == sign("nobody", "wrong").content.decode().count("notice")


def test_after_five_failures_the_right_password_must_wait_too(
    sign: Sign, time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    for _n in range(5):
        assert sign("call_taker", "wrong").status_code == 401
    assert sign("call_taker").status_code == 401
    assert journal() == ["user.sign_in_failed"] * 5
    time.forward(60)
    assert sign("call_taker").status_code == 302
    assert not SignInThrottle.objects.filter(key__startswith="name:").exists()


def test_waits_count_per_address_too(sign: Sign) -> None:
    for n in range(50):
        sign(f"guess{n}", "wrong", REMOTE_ADDR="10.0.0.7")
    assert sign("call_taker", REMOTE_ADDR="10.0.0.7").status_code == 401
    assert sign("call_taker", REMOTE_ADDR="10.0.0.8").status_code == 302


def test_typing_errors_in_a_control_room_do_not_keep_the_others_out(sign: Sign) -> None:
    for n in range(10):
        sign(f"colleague{n}", "wrong", REMOTE_ADDR="10.0.0.7")
    assert sign("call_taker", REMOTE_ADDR="10.0.0.7").status_code == 302


def test_blanks_and_capitals_do_not_make_another_name_to_guess_for(sign: Sign) -> None:
    for name in ("call_taker", " call_taker", "call_taker ", "CALL_TAKER", "call_taker\u3000"):
        sign(name, "wrong")
    assert sign("call_taker").status_code == 401


def test_old_failures_are_forgotten(sign: Sign, time: clock.Frozen) -> None:
    for _month in range(6):
        sign("call_taker", "wrong")
        time.forward(3700)
    assert forget_sign_ins() == 2
    assert not SignInThrottle.objects.exists()
    assert sign("call_taker").status_code == 302


def test_sessions_that_are_over_are_removed(sign: Sign) -> None:
    sign("call_taker")
    assert forget_sign_ins() == 0
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    assert forget_sign_ins() == 1
    assert not Session.objects.exists()


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(
    sign: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(50):
        sign(f"x{n}", "wrong", REMOTE_ADDR="10.0.0.7", HTTP_X_FORWARDED_FOR=f"10.9.9.{n}")
    assert sign("call_taker", REMOTE_ADDR="10.0.0.7").status_code == 401
    monkeypatch.setattr(settings.ENV, "trusted_proxies", ["10.0.0.7"])
    through = {"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_FOR": "1.2.3.4, 10.9.9.9"}
    assert sign("call_taker", **through).status_code == 302


def test_strange_input_is_refused_without_a_fault(sign: Sign) -> None:
    for name in ("\x00", "a" * 10_000, "\u202eevil", "😀" * 50):
        assert sign(name, "x").status_code in (400, 401)


@pytest.mark.parametrize(
    "goal", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_never_leads_to_another_site(sign: Sign, goal: str) -> None:
    assert sign("call_taker", goal=goal)["Location"] == "/start"


def test_next_leads_on(sign: Sign) -> None:
    assert sign("call_taker", goal="/incidents/4")["Location"] == "/incidents/4"


def test_a_second_factor_asks_for_a_code(
    sign: Sign, client: Client, with_factor: User, journal: Callable[[], list[str]]
) -> None:
    assert sign("supervisor", goal="/wall")["Location"] == "/sign-in/code"
    assert client.get("/supervisor").status_code == 302  # not in yet
    assert client.post("/sign-in/code", {"code": "000000"}).status_code == 401
    answer = client.post("/sign-in/code", {"code": code_at()})
    assert answer["Location"] == "/wall"
    assert journal()[-1] == "user.signed_in"
    assert client.get("/supervisor").status_code == 200


def test_a_code_works_once(sign: Sign, client: Client, with_factor: User) -> None:
    sign("supervisor")
    code = code_at()
    assert client.post("/sign-in/code", {"code": code}).status_code == 302
    other = Client()
    other.post("/sign-in", {"username": "supervisor", "password": PASSWORD})
    assert other.post("/sign-in/code", {"code": code}).status_code == 401


def test_codes_cannot_be_guessed_without_waiting(
    sign: Sign, client: Client, with_factor: User
) -> None:
    sign("supervisor")
    for _n in range(5):
        client.post("/sign-in/code", {"code": "000000"})
    assert client.post("/sign-in/code", {"code": code_at()}).status_code == 401


def test_the_second_step_does_not_wait_for_ever(
    sign: Sign, client: Client, with_factor: User, time: clock.Frozen
) -> None:
    sign("supervisor")
    time.forward(301)
    answer = client.post("/sign-in/code", {"code": code_at()})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in")


def test_a_supervisor_without_a_second_factor_must_set_one_up(
    sign: Sign, client: Client, time: clock.Frozen
) -> None:
    assert sign("supervisor")["Location"] == "/account/second-factor"
    assert client.get("/supervisor")["Location"] == "/account/second-factor"
    page = client.get("/account/second-factor").content.decode()
    assert "<svg" in page
    secret = page.split('class="secret">')[1].split("<")[0].replace(" ", "")
    assert client.post("/account/second-factor", {"code": "000000"}).status_code == 400
    assert secret in client.get("/account/second-factor").content.decode().replace(" ", "")
    code = pyotp.TOTP(secret).at(int(clock.now().timestamp()))
    assert client.post("/account/second-factor", {"code": code})["Location"] == "/"
    assert client.get("/supervisor").status_code == 200
    user = User.objects.get(username="supervisor")
    assert user.totp_secret and secret not in user.totp_secret
    assert client.post("/account/second-factor", {"code": code}).status_code == 409


def test_a_password_given_by_an_administrator_must_be_changed(sign: Sign, client: Client) -> None:
    create_user(
        "baru",
        name="Orang Baru",
        password="sekali pakai saja",
        roles=["evaluator"],
        actor=system("setup"),
    )
    assert sign("baru", "sekali pakai saja")["Location"] == "/account/password"
    assert client.get("/wall")["Location"] == "/account/password"
    form = {"old": "sekali pakai saja", "new": "kalimat yang panjang", "again": "bukan itu juga"}
    assert client.post("/account/password", form).status_code == 400
    assert client.post("/account/password", {**form, "again": form["new"]})["Location"] == "/"
    assert "owes" not in client.session
    assert client.get("/account/language").status_code == 200


def test_the_password_that_an_administrator_gave_cannot_be_kept(
    person: Callable[[str], User], actor: Callable[[str], Actor]
) -> None:
    user = person("call_taker")
    change_password(user, "diberi admin 99", actor=actor("administrator"))
    with pytest.raises(Invalid) as refusal:
        change_password(user, "diberi admin 99", old="diberi admin 99", actor=actor("call_taker"))
    assert refusal.value.code == "same"
    assert person("call_taker").must_change_password


def test_guesses_at_the_old_password_must_wait(
    person: Callable[[str], User], actor: Callable[[str], Actor]
) -> None:
    user, mine = person("call_taker"), actor("call_taker")
    for _guess in range(5):
        with pytest.raises(Invalid):
            change_password(user, "kata sandi baru 1", old="salah", actor=mine)
    with pytest.raises(SignInFailed, match=r"\d"):
        change_password(user, "kata sandi baru 1", old="kata sandi uji coba", actor=mine)
    assert Journal.objects.filter(kind="user.sign_in_failed").count() == 5


def test_an_own_sign_in_does_not_forget_guesses_at_other_names(
    person: Callable[[str], User],
) -> None:
    for guess in range(49):
        with pytest.raises(SignInFailed):
            check_sign_in(f"nobody-{guess}", "salah", address="203.0.113.7")
    user = check_sign_in("call_taker", "kata sandi uji coba", address="203.0.113.7")
    signed_in(user, address="203.0.113.7")
    with pytest.raises(SignInFailed):
        check_sign_in("nobody-50", "salah", address="203.0.113.7")
    with pytest.raises(SignInFailed) as refusal:
        check_sign_in("nobody-51", "salah", address="203.0.113.7")
    assert refusal.value.code == "throttled"


def test_a_room_of_people_who_mistype_at_times_is_never_locked_out(
    person: Callable[[str], User], time: clock.Frozen
) -> None:
    user = person("call_taker")
    for _hour in range(100):
        with pytest.raises(SignInFailed):
            check_sign_in("call_taker", "salah", address="203.0.113.7")
        for _sign_in in range(3):
            time.forward(900)
            assert check_sign_in("call_taker", PASSWORD, address="203.0.113.7") == user
            signed_in(user, address="203.0.113.7")


def test_a_weak_or_unproven_new_password_is_refused(
    browser_of: Callable[[str | None], Client],
) -> None:
    browser = browser_of("call_taker")
    for form in (
        {"old": PASSWORD, "new": "pendek", "again": "pendek"},
        {"old": "salah", "new": "kalimat yang panjang", "again": "kalimat yang panjang"},
    ):
        assert browser.post("/account/password", form).status_code == 400
    assert User.objects.get(username="call_taker").check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions(
    browser_of: Callable[[str | None], Client],
) -> None:
    here, there = browser_of("call_taker"), browser_of("call_taker")
    form = {"old": PASSWORD, "new": "kalimat yang panjang", "again": "kalimat yang panjang"}
    assert here.post("/account/password", form).status_code == 302
    assert here.get("/account/language").status_code == 200
    assert there.get("/account/language")["Location"].startswith("/sign-in")


def test_a_change_of_rights_ends_the_session(
    browser_of: Callable[[str | None], Client], person: Callable[[str], User]
) -> None:
    browser = browser_of("dispatcher")
    change_user(person("dispatcher"), roles=["call_taker"], actor=system("setup"))
    assert browser.get("/account/language")["Location"].startswith("/sign-in")


def test_a_session_that_is_not_used_ends(
    browser_of: Callable[[str | None], Client], time: clock.Frozen
) -> None:
    browser = browser_of("call_taker")
    time.forward(settings.IDLE_S - 1)
    assert browser.get("/account/language").status_code == 200
    time.forward(settings.IDLE_S + 1)
    assert browser.get("/account/language")["Location"].startswith("/sign-in")


def test_a_session_that_is_used_ends_all_the_same(
    sign: Sign, client: Client, time: clock.Frozen
) -> None:
    sign("call_taker")
    steps = int(settings.SESSION_COOKIE_AGE / (settings.IDLE_S / 2))
    for _n in range(steps):
        assert client.get("/account/language").status_code == 200
        time.forward(settings.IDLE_S / 2)
    time.forward(1)
    assert client.get("/account/language")["Location"].startswith("/sign-in")


def test_signing_out_ends_session_and_shift(
    browser_of: Callable[[str | None], Client], journal: Callable[[], list[str]]
) -> None:
    browser = browser_of("call_taker")
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out").status_code == 302
    assert journal() == ["user.signed_out"]
    assert browser.get("/account/language")["Location"].startswith("/sign-in")


def test_the_language_is_kept_with_the_account_and_for_a_visitor(
    browser_of: Callable[[str | None], Client], client: Client
) -> None:
    browser = browser_of("call_taker")
    assert browser.post("/account/language", {"language": "en"}).status_code == 302
    assert User.objects.get(username="call_taker").language == "en"
    assert browser.get("/account/language")["Content-Language"] == "en"
    assert browser.post("/account/language", {"language": "xx"}).status_code == 400
    client.post("/account/language", {"language": "en", "next": "/sign-in"})
    assert client.get("/sign-in")["Content-Language"] == "en"


# The drill's one-click sign-in


@pytest.fixture
def drill(monkeypatch: pytest.MonkeyPatch) -> None:
    Deployment.objects.update(drill=True)
    monkeypatch.setattr(settings.ENV, "drill", True)


def test_a_drill_offers_each_role_with_one_click(drill: None, client: Client) -> None:
    page = client.get("/").content.decode()
    for role in ("call_taker", "supervisor", "crew"):
        assert f'value="{role}"' in page
    answer = client.post("/drill/enter", {"role": "supervisor"})
    assert answer["Location"] == "/supervisor"
    assert client.get("/supervisor").status_code == 200  # no second factor in the drill
    assert client.post("/drill/enter", {"role": "crew"})["Location"] == "/crew"


def test_a_drill_cannot_be_entered_as_anybody_else(drill: None, client: Client) -> None:
    assert client.post("/drill/enter", {"role": "root"}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"REMOTE_ADDR": "192.168.1.20"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
)
def test_a_drill_cannot_be_entered_from_elsewhere(
    drill: None, client: Client, headers: dict[str, str]
) -> None:
    page = client.get("/", **headers)  # type: ignore[arg-type]
    assert (page.status_code, page["Location"]) == (302, "/sign-in")
    answer = client.post("/drill/enter", {"role": "supervisor"}, **headers)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert "user_id" not in client.session


@pytest.mark.parametrize("which", ["database", "setting", "neither"])
def test_a_real_city_never_offers_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    Deployment.objects.update(drill=which == "database")
    monkeypatch.setattr(settings.ENV, "drill", which == "setting")
    assert client.get("/")["Location"] == "/sign-in"
    assert client.post("/drill/enter", {"role": "supervisor"}).status_code == 404
    assert "user_id" not in client.session


def test_nothing_of_this_names_the_person_in_the_journal(sign: Sign) -> None:
    sign("call_taker", "salah sekali")
    sign("call_taker")
    bodies = str(list(Journal.objects.values_list("body", flat=True)))
    assert "salah" not in bodies and "Call Taker" not in bodies
