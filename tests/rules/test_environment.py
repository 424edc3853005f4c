"""Every setting is read from the environment and from the file, checked, and has an effect."""

import os
import runpy
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import RequestFactory
from pydantic import SecretStr

from sigap.config.environment import Environment, read

from .syntax import PRODUCT, chain, files, tree

pytestmark = pytest.mark.filterwarnings("ignore:.*found in sys.modules")  # started() means it

KEY = "k" * 40
TOKEN = "t" * 20
PUSH_KEY = "Zm9yIGEgdGVzdCBvbmx5OiAzMiBieXRlcyBvZiBrZXk"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nothing is set."""
    for name in list(os.environ):
        if name.startswith("SIGAP_"):
            monkeypatch.delenv(name)
    (tmp_path / "city.pmtiles").write_bytes(b"PMTiles")
    monkeypatch.chdir(tmp_path)


def started() -> dict[str, Any]:
    """Django's settings as a program that starts now would have them."""
    return runpy.run_module("sigap.config.settings")


def tile_host(settings: dict[str, Any]) -> str:
    from django.http import HttpResponse
    from django.test import override_settings

    from sigap.config.middleware import Errors

    with override_settings(ENV=settings["ENV"]):
        page = Errors(lambda _request: HttpResponse())(RequestFactory().get("/"))
    return page.headers["Content-Security-Policy"]


class Proof(NamedTuple):
    """How a setting is given, how it is given wrongly, and what it changes."""

    given: str
    toml: str
    wrong: str | None  # None: any text is right
    effect: Callable[[dict[str, Any]], bool] | None  # None: see READ_WHERE_USED


PROOFS: dict[str, Proof] = {
    "data_dir": Proof(
        "elsewhere",
        '"elsewhere"',
        None,
        lambda s: (
            s["DATABASES"]["default"]["NAME"] == "elsewhere/sigap.sqlite3"
            and Path("elsewhere/secret-key").read_text() == s["SECRET_KEY"]
        ),
    ),
    "database_url": Proof(
        "postgresql://sigap:p%40ss@db.example:5433/city?sslmode=verify-full",
        '"postgresql://sigap:p%40ss@db.example:5433/city?sslmode=verify-full"',
        "postgresql://db/city?ssl=yes",
        lambda s: (
            s["DATABASES"]["default"]["OPTIONS"]["sslmode"] == "verify-full"
            and s["DATABASES"]["default"]["ENGINE"].endswith("postgresql")
            and s["DATABASES"]["default"]["PASSWORD"] == "p@ss"
            and s["DATABASES"]["default"]["PORT"] == "5433"
        ),
    ),
    "secret_key": Proof(KEY, f'"{KEY}"', "short", lambda s: s["SECRET_KEY"] == KEY),
    "recordings_dir": Proof(
        "elsewhere",
        '"elsewhere"',
        None,
        lambda s: s["ENV"].recordings() == Path("elsewhere"),
    ),
    "attachments_dir": Proof(
        "elsewhere",
        '"elsewhere"',
        None,
        lambda s: s["ENV"].attachments() == Path("elsewhere"),
    ),
    "recording_key": Proof(KEY, f'"{KEY}"', "short", lambda s: s["ENV"].recording_keys() == [KEY]),
    "recording_old_keys": Proof(
        f'["{KEY}"]',
        f'["{KEY}"]',
        '["short"]',
        lambda s: s["ENV"].recording_keys()[1:] == [KEY],
    ),
    "host": Proof("0.0.0.0", '"0.0.0.0"', None, None),
    "port": Proof("8200", "8200", "99999", None),
    "allowed_hosts": Proof(
        '["112.kediri.example"]',
        '["112.kediri.example"]',
        "[]",
        lambda s: s["ALLOWED_HOSTS"] == ["112.kediri.example"],
    ),
    "https": Proof(
        "true",
        "true",
        "perhaps",
        lambda s: s["SESSION_COOKIE_SECURE"] and s["CSRF_COOKIE_SECURE"],
    ),
    "trusted_proxies": Proof(
        '["10.0.0.1"]',
        '["10.0.0.1"]',
        '["proxy"]',
        lambda s: s["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https"),
    ),
    "threads": Proof("3", "3", "0", None),
    "hook_token": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "aml_key": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "metrics_token": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "session_hours": Proof("2", "2", "0", lambda s: s["SESSION_COOKIE_AGE"] == 7200),
    "idle_minutes": Proof("5", "5", "-1", lambda s: s["IDLE_S"] == 300),
    "language": Proof("en", '"en"', "fr", lambda s: s["LANGUAGE_CODE"] == "en"),
    "tile_url": Proof(
        "https://tiles.example/{z}/{x}/{y}.png",
        '"https://tiles.example/{z}/{x}/{y}.png"',
        "tiles.example",
        lambda s: "https://tiles.example" in tile_host(s),
    ),
    "public_url": Proof("https://lapor.example", '"https://lapor.example"', "ftp:x", None),
    "source_url": Proof("https://git.example/kota", '"https://git.example/kota"', "ftp:x", None),
    "pmtiles": Proof("city.pmtiles", '"city.pmtiles"', "nowhere.pmtiles", None),
    "log_level": Proof(
        "ERROR", '"ERROR"', "LOUD", lambda s: s["LOGGING"]["root"]["level"] == "ERROR"
    ),
    "exchange": Proof("asterisk-1", '"asterisk-1"', "with space", None),
    "server_url": Proof("https://kediri.example", '"https://kediri.example"', "ftp:x", None),
    "telephony_dir": Proof(
        "asterisk",
        '"asterisk"',
        None,
        lambda s: s["ENV"].telephony_folder() == Path("asterisk"),
    ),
    "ari_listen": Proof("127.0.0.1:8090", '"127.0.0.1:8090"', "8090", None),
    "sip_listen": Proof("10.0.0.2:5060", '"10.0.0.2:5060"', "everywhere", None),
    "sip_outside": Proof("203.0.113.9", '"203.0.113.9"', None, None),
    "rtp_ports": Proof("20000-20999", '"20000-20999"', "many", None),
    "trunks": Proof(
        '[{"name": "carrier", "host": "10.1.2.3"}]',
        '[{name = "carrier", host = "10.1.2.3"}]',
        '[{"name": "carrier"}]',
        None,
    ),
    "second_centre": Proof("0354112@carrier", '"0354112@carrier"', "somewhere", None),
    "phones_url": Proof("wss://112.example:8089/ws", '"wss://112.example:8089/ws"', "http:x", None),
    "phones_listen": Proof("10.0.0.2:8089", '"10.0.0.2:8089"', "8089", None),
    "phones_certificate": Proof("city.pmtiles", '"city.pmtiles"', "nowhere.crt", None),
    "phones_key": Proof("city.pmtiles", '"city.pmtiles"', "nowhere.key", None),
    "whatsapp_app_secret": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "whatsapp_verify_token": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "whatsapp_token": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "whatsapp_phone_id": Proof("106540352242922", '"106540352242922"', "+6281", None),
    "whatsapp_account_id": Proof("102290129340398", '"102290129340398"', "kediri", None),
    "whatsapp_api_url": Proof("https://sim.example/v25.0", '"https://sim.example/"', "ftp:x", None),
    "whatsapp_survey_template": Proof("penilaian_112", '"penilaian_112"', "Penilaian 112", None),
    "mail_url": Proof(
        "smtp://sigap:rahasia@mail.example",
        '"smtp://sigap:rahasia@mail.example"',
        "mail.example",
        lambda s: (
            s["EMAIL_HOST"] == "mail.example"
            and (s["EMAIL_PORT"], s["EMAIL_USE_TLS"], s["EMAIL_USE_SSL"]) == (587, True, False)
            and s["EMAIL_HOST_PASSWORD"] == "rahasia"
            and s["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
        ),
    ),
    "mail_from": Proof(
        "sigap@kediri.example",
        '"sigap@kediri.example"',
        "sigap",
        lambda s: s["DEFAULT_FROM_EMAIL"] == "sigap@kediri.example",
    ),
    "digest_to": Proof('["a@b.example"]', '["a@b.example"]', '["nobody"]', None),
    "cap_key": Proof("city.pmtiles", '"city.pmtiles"', "nowhere.key", None),
    "cap_certificate": Proof("city.pmtiles", '"city.pmtiles"', "nowhere.pem", None),
    "whatsapp_alert_template": Proof("tugas_baru", '"tugas_baru"', "Tugas baru", None),
    "whatsapp_digest_template": Proof("ringkasan", '"ringkasan"', "Ringkasan pekan", None),
    "digest_whatsapp_to": Proof('["+628123456789"]', '["+628123456789"]', '["08123"]', None),
    "whatsapp_outcome_template": Proof("selesai_112", '"selesai_112"', "Selesai 112", None),
    "vapid_key": Proof(
        PUSH_KEY,
        f'"{PUSH_KEY}"',
        "short",
        lambda s: s["ENV"].push_key() == b"for a test only: 32 bytes of key",
    ),
    "push_contact": Proof("mailto:a@b.example", '"mailto:a@b.example"', "a@b.example", None),
    "push_hosts": Proof('["push.example"]', '["push.example"]', "push.example", None),
    "sms_url": Proof("https://sms.example", '"https://sms.example"', "ftp:x", None),
    "sms_token": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "voice_url": Proof("https://voice.example", '"https://voice.example"', "ftp:x", None),
    "voice_token": Proof(TOKEN, f'"{TOKEN}"', "short", None),
    "router_url": Proof("http://127.0.0.1:5000", '"http://127.0.0.1:5000"', "ftp:x", None),
    "router_kind": Proof("valhalla", '"valhalla"', "google", None),
    "web_only": Proof("true", "true", "perhaps", None),
    "drill": Proof(
        "true",
        "true",
        "maybe",
        lambda s: s["DATABASES"]["default"]["NAME"] == "var/drill.sqlite3",
    ),
}
# What only a running server shows (tests/process proves these); here: that it is asked for.
READ_WHERE_USED = {
    *("host", "port", "threads", "hook_token", "metrics_token", "pmtiles", "web_only"),
    *("aml_key", "source_url"),
    # tests/process/test_whatsapp_chat.py proves it.
    "public_url",
    # tests/stories/test_telephony_config.py proves these, but for the first two.
    *("exchange", "server_url", "ari_listen", "sip_listen", "sip_outside"),
    *("rtp_ports", "trunks", "second_centre"),
    *("phones_url", "phones_listen", "phones_certificate", "phones_key"),
    # tests/rules/test_whatsapp_door.py and tests/process/test_whatsapp_far_end.py prove these.
    *("whatsapp_app_secret", "whatsapp_verify_token", "whatsapp_token"),
    *("whatsapp_phone_id", "whatsapp_account_id", "whatsapp_api_url"),
    # tests/stories/test_warnings_signed.py proves these.
    *("cap_key", "cap_certificate"),
    # tests/stories/test_digest.py proves these.
    *("digest_to", "digest_whatsapp_to", "whatsapp_digest_template"),
    # tests/stories/test_routing_service.py proves these.
    *("router_url", "router_kind"),
    # tests/stories/test_survey_chat.py proves it.
    "whatsapp_survey_template",
    # tests/stories/test_callers_by_whatsapp.py proves it.
    "whatsapp_outcome_template",
    # tests/stories/test_alerts.py, test_alert_screens.py and test_alert_whatsapp.py prove these.
    *("whatsapp_alert_template", "push_contact", "push_hosts"),
    *("sms_url", "sms_token", "voice_url", "voice_token"),
}

every_setting = pytest.mark.parametrize("name", PROOFS)


def test_every_setting_has_a_proof_of_its_effect() -> None:
    assert set(PROOFS) == set(Environment.model_fields)
    assert {name for name, proof in PROOFS.items() if proof.effect is None} == READ_WHERE_USED


@every_setting
def test_a_setting_is_read_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plain(getattr(read(), name))
    monkeypatch.setenv(f"SIGAP_{name.upper()}", PROOFS[name].given)
    assert plain(getattr(read(), name)) != before


@every_setting
def test_a_setting_is_read_from_the_file_and_the_environment_wins(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = plain(getattr(read(), name))
    Path("sigap.toml").write_text(f"{name} = {PROOFS[name].toml}\n")
    monkeypatch.setenv("SIGAP_CONFIG", "sigap.toml")
    from_file = plain(getattr(read(), name))
    assert from_file != before
    default = Environment.model_fields[name].default
    if isinstance(plain(default), str | int | float) and plain(default) != "":
        monkeypatch.setenv(f"SIGAP_{name.upper()}", str(plain(default)))
        assert plain(getattr(read(), name)) == before


@every_setting
def test_a_setting_has_its_effect(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SIGAP_{name.upper()}", PROOFS[name].given)
    effect = PROOFS[name].effect
    if effect is None:
        assert name in asked_for(), f"nothing reads settings.ENV.{name}"
    else:
        assert effect(started())


@pytest.mark.parametrize("name", [n for n, proof in PROOFS.items() if proof.wrong])
def test_a_wrong_value_stops_the_start_with_the_settings_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = PROOFS[name].wrong
    monkeypatch.setenv(f"SIGAP_{name.upper()}", str(wrong))
    with pytest.raises(SystemExit) as stop:
        read()
    assert name in str(stop.value).lower()
    assert wrong == "-1" or wrong not in str(stop.value).split() or name in READABLE


# What was given may be repeated where it can hold no secret.
READABLE = {
    "phones_certificate",
    "phones_key",
    "pmtiles",
    "cap_key",
    "cap_certificate",
    "port",
    "threads",
    "session_hours",
    "language",
    "log_level",
}


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://file.sqlite3",
        "sqlite:file",
        "postgresql://db",
        "postgresql://db/",
        "postgresql://u:secret@db:port/city",
        "postgresql://u:secret@db:99999/city",
        "postgres://u:secret@db/city",
        "file.sqlite3",
    ],
)
def test_an_address_that_no_database_has_is_refused_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGAP_DATABASE_URL", url)
    with pytest.raises(SystemExit) as stop:
        read()
    assert "SIGAP_DATABASE_URL" in str(stop.value)
    assert "secret" not in str(stop.value)


@pytest.mark.parametrize("name", ["SIGAP_PROT", "SIGAP_DATABASE", "SIGAP_"])
def test_a_misspelt_name_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SystemExit, match=f"Unknown settings: {name}"):
        read()


def test_a_misspelt_name_in_the_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sigap.toml").write_text("prot = 8200\n")
    monkeypatch.setenv("SIGAP_CONFIG", "sigap.toml")
    with pytest.raises(SystemExit, match="PROT"):
        read()


def test_a_file_that_is_not_there_or_broken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_CONFIG", "nowhere.toml")
    with pytest.raises(SystemExit, match=r"SIGAP_CONFIG: no such file: nowhere\.toml"):
        read()
    Path("sigap.toml").write_text("port = = 1\n")
    monkeypatch.setenv("SIGAP_CONFIG", "sigap.toml")
    with pytest.raises(SystemExit, match="Wrong settings"):
        read()


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGAP_PORT", "0")
    monkeypatch.setenv("SIGAP_LANGUAGE", "fr")
    with pytest.raises(SystemExit) as stop:
        read()
    assert "SIGAP_PORT" in str(stop.value) and "SIGAP_LANGUAGE" in str(stop.value)


def test_the_key_is_made_once_kept_to_its_owner_and_not_shown() -> None:
    first, second = read().key(), read().key()
    assert first == second and len(first) >= 32
    assert Path("var/secret-key").stat().st_mode & 0o077 == 0
    assert KEY not in repr(Environment(secret_key=KEY))


def test_the_key_of_the_recordings_is_made_once_and_read_with_also_when_another_is_set() -> None:
    made = read().recording_keys()
    assert made == read().recording_keys() and len(made[0]) >= 32
    assert Path("var/recording-key").stat().st_mode & 0o077 == 0
    assert made[0] != read().key()
    chosen = Environment(recording_key=SecretStr(KEY), recording_old_keys=[SecretStr("o" * 40)])
    assert chosen.recording_keys() == [KEY, "o" * 40, made[0]]
    assert KEY not in repr(chosen)


def test_a_drills_recordings_are_not_the_citys() -> None:
    assert read().recordings() == Path("var/recordings")
    assert Environment(drill=True).recordings() == Path("var/drill-recordings")
    assert read().attachments() == Path("var/attachments")
    assert Environment(drill=True).attachments() == Path("var/drill-attachments")


def test_an_sqlite_commit_survives_a_power_cut() -> None:
    options = read().database()["OPTIONS"]
    assert "synchronous=FULL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"


def test_passwords_are_kept_with_argon2() -> None:
    from sigap.config import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def plain(value: Any) -> Any:
    """A setting's value without its wrapping."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    value = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return str(value) if isinstance(value, Path) else value


@cache
def asked_for() -> set[str]:
    """The settings that some module besides the settings' own reads, as `….NAME`."""
    return set(_attributes())


def _attributes() -> Iterator[str]:
    import ast

    for path in files():
        if path == PRODUCT / "config" / "environment.py":
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and {"ENV", "environment", "env"} & set(
                chain(node.value)
            ):
                yield node.attr
