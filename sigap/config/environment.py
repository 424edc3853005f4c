"""What a machine's owner sets: by environment (`SIGAP_*`) or in one TOML file.

The environment wins over the file. Everything is checked at the start; a wrong value
stops the start with the name of the setting. `docs/settings.md` is made from this class.
"""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from .fields import (
    Addresses,
    ApprovedText,
    Contact,
    Database,
    File,
    Hosts,
    Key,
    Listen,
    Mail,
    MailServer,
    Number,
    Socket,
    Tiles,
    Token,
    Trunk,
    VapidKey,
    WebAddress,
    new_push_key,
    options,
    raw_push_key,
)


class Environment(BaseSettings):
    """The settings of one installation. Times and limits that the city decides on are not
    here but in `sigap.core.parameters`, changed on the administration screen."""

    model_config = SettingsConfigDict(env_prefix="SIGAP_", extra="forbid")

    data_dir: Path = Field(Path("var"), description="Folder of the databases and the secret key.")
    database_url: Database = Field(
        "",
        description="`sqlite:///path` or `postgresql://user:password@host:port/name`, behind "
        "which `?sslmode=verify-full` and other options of the connection may stand "
        "(`sslrootcert`, `sslcert`, `sslkey`, `application_name`). "
        "Default: SQLite in the data folder.",
    )
    secret_key: Key = Field(
        SecretStr(""),
        description="Signs sessions, keys number hashes, encrypts second factors; at least 32 "
        "characters. Default: made once and kept in the data folder.",
    )
    recordings_dir: Path | None = Field(
        None,
        description="Folder of the call recordings: `incoming` is written by whatever records, "
        "`kept` is encrypted. Default: `recordings` in the data folder (a drill: "
        "`drill-recordings`).",
    )
    attachments_dir: Path | None = Field(
        None,
        description="Folder of what is sent along with complaints (photos, voice notes), "
        "encrypted. Default: `attachments` in the data folder (a drill: `drill-attachments`).",
    )
    recording_key: Key = Field(
        SecretStr(""),
        description="Encrypts the call recordings and what is sent along with complaints; at "
        "least 32 characters. Whoever loses it loses them. Default: made once and kept in the "
        "data folder.",
    )
    recording_old_keys: list[Key] = Field(
        [],
        description="Keys that older recordings were encrypted with; they are tried for reading "
        "until `sigap recordings rekey` has brought all to the present one.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8112, ge=1, le=65535, description="Port to listen on.")
    allowed_hosts: Hosts = Field(
        ["localhost", "127.0.0.1", "[::1]"], description="Host names that the site answers to."
    )
    https: bool = Field(
        False, description="The site is reached over HTTPS (cookies are then secure only)."
    )
    trusted_proxies: Addresses = Field(
        [], description="Addresses of proxies whose X-Forwarded-For and -Proto are believed."
    )
    threads: int = Field(8, ge=1, le=64, description="Threads that answer ordinary requests.")
    hook_token: Token = Field(
        SecretStr(""),
        description="Bearer token of `POST /hooks/*`; at least 16 characters. Default: hooks are "
        "closed.",
    )
    aml_key: Token = Field(
        SecretStr(""),
        description="Key shared with whoever sends the location of callers' phones (AML) to "
        "`POST /hooks/aml`; at least 16 characters. Default: that address is closed.",
    )
    metrics_token: Token = Field(
        SecretStr(""),
        description="Bearer token of `GET /metrics`, at least 16 characters; without it, only "
        "administrators read them.",
    )
    session_hours: float = Field(12, gt=0, le=72, description="A sign-in lasts so long.")
    idle_minutes: float = Field(
        60,
        gt=0,
        le=1440,
        description="A sign-in ends after so long without any request. "
        "An open live screen asks by itself: it counts as in use.",
    )
    language: Literal["id", "en"] = Field("id", description="Language before a person chose one.")
    tile_url: Tiles = Field(
        "",
        description="Map tiles, e.g. `https://tiles.example/{z}/{x}/{y}.png`. Default: the map is "
        "drawn from the city's own areas and needs no network.",
    )
    pmtiles: File = Field(None, description="A PMTiles file to serve as the map's ground.")
    source_url: WebAddress = Field(
        "",
        description="Where everybody finds the source of what runs here: whoever changes Sigap and "
        "serves it owes this to its users (AGPL section 13). Linked where people sign in.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged."
    )
    public_url: WebAddress = Field(
        "",
        description="Where citizens reach the site (`https://lapor.example`); it stands in the "
        "links that they are sent. Default: the first of the allowed hosts.",
    )
    exchange: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,20}$")] = Field(
        "pbx", description="Name of the telephone exchange that `sigap telephony` drives."
    )
    server_url: WebAddress = Field(
        "",
        description="Where `sigap telephony` finds the server. Default: the port on this machine.",
    )
    telephony_dir: Path | None = Field(
        None,
        description="Asterisk's configuration, written by `sigap telephony config`, and what it "
        "records. Default: `telephony` in the data folder.",
    )
    ari_listen: Listen = Field(
        "127.0.0.1:8088", description="Where Asterisk takes our commands; keep it on loopback."
    )
    sip_listen: Listen = Field(
        "127.0.0.1:5060", description="Where Asterisk takes calls of carriers and desk telephones."
    )
    sip_outside: str = Field(
        "", description="Asterisk's public address, where it stands behind address translation."
    )
    rtp_ports: Annotated[str, StringConstraints(pattern=r"^\d{4,5}-\d{4,5}$")] = Field(
        "10000-12999", description="UDP ports of the sound of calls."
    )
    trunks: list[Trunk] = Field(
        [],
        description="The carriers' lines: `name`, `host`, and where needed `match` (addresses that "
        "calls come from), `username`, `password` (to register), `codecs`. In TOML one "
        "`[[trunks]]` each; in the environment a JSON list. The first is used to ring back.",
    )
    second_centre: Annotated[str, StringConstraints(pattern=r"^([0-9+]+@[a-z0-9-]+)?$")] = Field(
        "",
        description="`number@trunk` of a centre that is rung too when nobody here answers. "
        "Default: none.",
    )
    phones_url: Socket = Field(
        "",
        description="Where browsers reach Asterisk (`wss://112.example:8089/ws`); turns on the "
        "telephone in the call taker's screen. Default: desk telephones only.",
    )
    phones_listen: Annotated[str, StringConstraints(pattern=r"^([0-9.]+:\d{1,5})?$")] = Field(
        "", description="Address and port of Asterisk's TLS side for those browsers."
    )
    phones_certificate: File = Field(
        None, description="Its certificate (PEM). Default: one of our own making."
    )
    phones_key: File = Field(None, description="And the key of that certificate.")
    whatsapp_app_secret: Token = Field(
        SecretStr(""),
        description="The secret of the Meta app, with which it signs what it brings to "
        "`POST /hooks/whatsapp`; at least 16 characters. Default: that address is closed.",
    )
    whatsapp_verify_token: Token = Field(
        SecretStr(""),
        description="A word of your own, at least 16 characters, that Meta repeats when the "
        "webhook is set up.",
    )
    whatsapp_token: Token = Field(
        SecretStr(""),
        description="The access token of a system user, without end, with the permissions "
        "whatsapp_business_messaging and whatsapp_business_management; at least 16 characters.",
    )
    whatsapp_phone_id: Annotated[str, StringConstraints(pattern=r"^\d{0,32}$")] = Field(
        "", description="Meta's id of the city's number (not the number itself)."
    )
    whatsapp_account_id: Annotated[str, StringConstraints(pattern=r"^\d{0,32}$")] = Field(
        "", description="Meta's id of the WhatsApp Business account."
    )
    whatsapp_api_url: WebAddress = Field(
        "https://graph.facebook.com/v25.0",
        description="Where the Graph API is, with its version; a simulator's address in tests.",
    )
    whatsapp_survey_template: ApprovedText = Field(
        "", description="Asks callers of 112 how it was. Default: they are rung back only."
    )
    whatsapp_alert_template: ApprovedText = Field(
        "",
        description="The approved template that alerts crews: its parameters are what happened "
        "and the kelurahan. Default: crews are not alerted by WhatsApp.",
    )
    whatsapp_digest_template: ApprovedText = Field(
        "",
        description="The approved template of the weekly digest: its parameters are the week, "
        "how many targets were missed, how many complaints are late and open, and how many "
        "incidents are unfinished. Default: no digest by WhatsApp.",
    )
    whatsapp_outcome_template: ApprovedText = Field(
        "",
        description="The approved template that tells callers of 112 that their report is done "
        "with, and may ask how it was: its parameter is their link. Who has no WhatsApp is "
        "told by SMS. Default: all are told by SMS.",
    )
    vapid_key: VapidKey = Field(
        SecretStr(""),
        description="The private key that pushes to phones are signed with: 32 bytes in base64url. "
        "With another one every phone must be set up again. Default: made once and kept in the "
        "data folder.",
    )
    push_contact: Contact = Field(
        "",
        description="Whom a push service may write to when something is wrong (`mailto:` or "
        "`https://`). Default: the public address.",
    )
    push_hosts: list[str] = Field(
        [
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "notify.windows.com",
            "push.apple.com",
        ],
        description="The push services of browsers, and what lies below them. Pushes go nowhere "
        "else: their addresses come from browsers, which could name a machine of the city's.",
    )
    sms_url: WebAddress = Field(
        "", description="Where alerts are posted to be sent as SMS. Default: no SMS."
    )
    sms_token: Token = Field(
        SecretStr(""),
        description="What is shown there as a bearer token and signs what is posted, and what it "
        "shows at `POST /hooks/deliveries`; at least 16 characters.",
    )
    voice_url: WebAddress = Field(
        "", description="Where alerts are posted to be spoken by a call. Default: no calls."
    )
    voice_token: Token = Field(
        SecretStr(""), description="The same for calls; at least 16 characters."
    )
    mail_url: MailServer = Field(
        SecretStr(""),
        description="The server that sends the weekly digest: `smtp://user:password@host:587` "
        "(STARTTLS), `smtps://…:465`, or `smtp+plain://host:25` inside your own network. "
        "Default: no mail.",
    )
    mail_from: Mail = Field("", description="The address that mail comes from.")
    digest_to: list[Mail] = Field(
        [], description="Who gets the weekly digest by mail. Default: nobody."
    )
    digest_whatsapp_to: list[Number] = Field(
        [], description="Who gets the weekly digest by WhatsApp (`+62812…`). Default: nobody."
    )
    cap_key: File = Field(
        None,
        description="The city's private key (PEM, RSA or elliptic curve) with which its public "
        "warnings are signed. Default: they are published without a signature.",
    )
    cap_certificate: File = Field(
        None, description="And the certificate of that key, which others check them with."
    )
    router_url: WebAddress = Field(
        "",
        description="A routing service of your own (`http://127.0.0.1:5000`), asked for travel "
        "times beside the city's own roads. Default: none.",
    )
    router_kind: Literal["osrm", "valhalla"] = Field(
        "osrm", description="What answers at that address."
    )
    web_only: bool = Field(
        False, description="Serve without the jobs; set by `sigap serve --web-only`."
    )
    drill: bool = Field(False, description="Set by `sigap drill`; refuses a real city's database.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file named by SIGAP_CONFIG."""
        toml = os.environ.get("SIGAP_CONFIG")
        if not toml:
            return init_settings, env_settings
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=_existing(toml)),
        )

    def mail(self) -> dict[str, Any]:
        """Django's settings for sending mail; without a server none is ever sent."""
        parts = urlsplit(self.mail_url.get_secret_value())
        backend = "smtp.EmailBackend" if parts.hostname else "dummy.EmailBackend"
        return {
            "EMAIL_BACKEND": f"django.core.mail.backends.{backend}",
            "EMAIL_HOST": parts.hostname or "",
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtp",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": 20,
            "DEFAULT_FROM_EMAIL": self.mail_from,
        }

    def database(self) -> dict[str, Any]:
        """The Django form of the database address."""
        default = f"sqlite:///{self.data_dir / ('drill' if self.drill else 'sigap')}.sqlite3"
        url = self.database_url or default
        if url.startswith("sqlite:///"):
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": url.removeprefix("sqlite:///"),
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    # An acknowledged command must survive a power cut: FULL, not NORMAL.
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000;",
                },
            }
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 5} | options(parts.query),
        }

    def key(self) -> str:
        """The secret key: as set, else the one kept in the data folder (made once)."""
        if self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value()
        try:
            return self._kept_key(self.data_dir / "secret-key")
        except OSError as error:
            sys.exit(f"SIGAP_DATA_DIR: {error.strerror}: {self.data_dir}")

    def recordings(self) -> Path:
        """The folder of the call recordings."""
        name = "drill-recordings" if self.drill else "recordings"
        return self.recordings_dir or self.data_dir / name

    def attachments(self) -> Path:
        """The folder of what is sent along with complaints."""
        name = "drill-attachments" if self.drill else "attachments"
        return self.attachments_dir or self.data_dir / name

    def telephony_folder(self) -> Path:
        """Where Asterisk's configuration is written, and where it records."""
        return self.telephony_dir or self.data_dir / "telephony"

    def recording_keys(self) -> list[str]:
        """What recordings are encrypted with, and behind it all keys that older ones may have
        been: the one kept in the data folder stays of use once another is set."""
        kept = self.data_dir / "recording-key"
        given = [self.recording_key, *self.recording_old_keys]
        keys = [key.get_secret_value() for key in given if key.get_secret_value()]
        if kept.exists() or not self.recording_key.get_secret_value():
            own = self._kept_key(kept)
            keys = [*keys, own] if self.recording_key.get_secret_value() else [own, *keys]
        return keys

    def push_key(self) -> bytes:
        """The private key that pushes are signed with: as set, else the one kept in the data
        folder (made once)."""
        given = self.vapid_key.get_secret_value()
        return raw_push_key(given or self._kept_key(self.data_dir / "vapid-key", new_push_key))

    def _kept_key(
        self, path: Path, made: Callable[[], str] = lambda: secrets.token_urlsafe(48)
    ) -> str:
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return path.read_text().strip()
            with os.fdopen(handle, "w") as file:
                file.write(made())
        return path.read_text().strip()


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        sys.exit(f"SIGAP_CONFIG: no such file: {path}")
    return Path(path)


def read() -> Environment:
    """Read and check all settings; a wrong one ends the program with its name and reason."""
    known = {f"SIGAP_{name.upper()}" for name in Environment.model_fields} | {"SIGAP_CONFIG"}
    mistyped = sorted(
        name
        for name in os.environ
        if name.startswith("SIGAP_") and name not in known and not name.startswith("SIGAP_TEST_")
    )
    if mistyped:
        sys.exit(f"Unknown settings: {', '.join(mistyped)}. See docs/settings.md.")
    try:
        return Environment()
    except ValidationError as error:
        lines = [
            f"  SIGAP_{str(e['loc'][0]).upper()}: {e['msg']}" if e["loc"] else f"  {e['msg']}"
            for e in error.errors()
        ]
        sys.exit("Wrong settings:\n" + "\n".join(lines))
    except ValueError as error:  # a broken TOML file, or text that is not what a list needs
        sys.exit(f"Wrong settings: {error}")
