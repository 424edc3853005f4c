"""Asterisk's whole configuration, made from Sigap's settings and the people who take calls."""

import hashlib
import hmac
import ipaddress
import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from sigap.core import clock
from sigap.core.actors import Permission, of_user
from sigap.core.models import User

from ..phones import endpoint_of, password_of
from . import prompts

APP = "sigap"
LINE, EARS = "line", "ears"  # places in the dialplan that the control process sends to
ALONE_S = 20  # all telephones ring so long, until it is seen whether we are back
DESK = "-desk"  # a desk telephone of the same person
# Only what is used: less to load, less to attack.
MODULES = """
app_audiosocket app_dial app_echo app_exec app_mixmonitor app_playback app_stack app_stasis
bridge_holding bridge_simple bridge_softmix bridge_native_rtp chan_bridge_media chan_pjsip
codec_a_mu codec_alaw codec_ulaw codec_resample codec_opus_open_source format_pcm format_sln
format_wav func_callerid func_channel func_pjsip_contact func_hangupcause func_strings pbx_config
res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_endpoints
res_ari_events res_ari_model res_ari_playbacks res_audiosocket res_crypto res_format_attr_opus
res_http_websocket res_musiconhold res_pjproject res_pjsip res_pjsip_authenticator_digest
res_pjsip_caller_id res_pjsip_dtmf_info res_pjsip_endpoint_identifier_ip
res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_nat
res_pjsip_outbound_authenticator_digest res_pjsip_outbound_registration res_pjsip_path
res_pjsip_pubsub res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_sdp_rtp res_pjsip_session
res_pjsip_transport_websocket res_rtp_asterisk res_sorcery_astdb res_sorcery_config
res_sorcery_memory res_srtp res_stasis res_stasis_answer res_stasis_playback res_stasis_recording
res_stasis_snoop res_timing_timerfd res_websocket_client
"""
# Facts that Asterisk tells with every channel, by which a new process of ours finds its calls.
CHANNEL_FACTS = ("SIGAP_CALL", "SIGAP_PART", "SIGAP_RETURNS")


def ari_password() -> str:
    """The password of the control process at Asterisk; it follows from the secret key."""
    return hmac.new(settings.SECRET_KEY.encode(), b"ari", hashlib.sha256).hexdigest()[:40]


def write(folder: Path, city: str) -> list[str]:
    """Write all files; returns what an operator should know (prompts that are missing)."""
    for name in ("lib/keys", "spool/recording", "run", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    files = {
        "asterisk.conf": _asterisk(folder),
        "modules.conf": "[modules]\nautoload=no\n"
        + "".join(f"load={name}.so\n" for name in MODULES.split()),
        "logger.conf": "[general]\n[logfiles]\nmessages=notice,warning,error\n",
        "http.conf": _http(folder),
        "ari.conf": f"[general]\nenabled=yes\nchannelvars={','.join(CHANNEL_FACTS)}\n\n"
        f"[{APP}]\ntype=user\npassword={ari_password()}\n",
        "rtp.conf": _rtp(),
        # The journal and our own recordings are the record; Asterisk keeps none.
        "cdr.conf": "[general]\nenable=no\n",
        "cel.conf": "[general]\nenable=no\n",
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={folder / 'music'}\n",
        "pjsip.conf": _pjsip(),
        "extensions.conf": _extensions(),
    }
    for name, text in files.items():
        _put(folder / name, text)
    write_phones(folder)
    _certificate(folder)
    prompts.chime(folder / "music" / "chime.wav")
    missing = prompts.speak(folder / "sounds" / "id" / "sigap", city)
    return [f"no sound for: {', '.join(missing)} (install espeak-ng and sox)"] if missing else []


def write_phones(folder: Path) -> bool:
    """Write the files about people's telephones; returns whether they changed."""
    everybody = User.objects.filter(is_active=True).order_by("pk")
    people = [p for p in everybody if of_user(p).may(Permission.TAKE_CALLS)]
    dial = "&".join(f"PJSIP/{endpoint_of(p)}{kind}" for p in people for kind in ("", DESK))
    changed = _put(folder / "pjsip_phones.conf", "".join(_phone(p) for p in people))
    return _put(folder / "extensions_phones.conf", f"[globals]\nPHONES={dial}\n") or changed


def _put(path: Path, text: str) -> bool:
    """Write a file that only its owner reads, whole or not at all; whether it is another."""
    if path.exists() and path.read_text() == text:
        return False
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(text)
    fresh.chmod(0o600)
    os.replace(fresh, path)
    return True


def _asterisk(folder: Path) -> str:
    return f"""[directories]
astetcdir => {folder}
astvarlibdir => {folder / "lib"}
astdbdir => {folder / "lib"}
astkeydir => {folder / "lib"}
astdatadir => {folder}
astspooldir => {folder / "spool"}
astrundir => {folder / "run"}
astlogdir => {folder / "log"}

[options]
defaultlanguage = id
documentation_language = en_US
hideconnect = yes
"""


def _http(folder: Path) -> str:
    """Its REST interface on loopback; browsers come by TLS, on an address of its own."""
    env = settings.ENV
    host, port = address(env.ari_listen)
    text = f"[general]\nenabled=yes\nbindaddr={host}\nbindport={port}\nsessionlimit=2000\n"
    if env.phones_listen:
        text += (
            f"tlsenable=yes\ntlsbindaddr={env.phones_listen}\n"
            f"tlscertfile={env.phones_certificate or folder / 'phones.crt'}\n"
            f"tlsprivatekey={env.phones_key or folder / 'phones.key'}\n"
        )
    return text


def _rtp() -> str:
    first, last = settings.ENV.rtp_ports.split("-")
    return f"[general]\nrtpstart={first}\nrtpend={last}\nstrictrtp=yes\nicesupport=yes\n"


def _pjsip() -> str:
    env = settings.ENV
    outside = f"external_media_address={env.sip_outside}\n" if env.sip_outside else ""
    outside += f"external_signaling_address={env.sip_outside}\n" if env.sip_outside else ""
    text = f"""[global]
type=global
user_agent=Sigap
keep_alive_interval=30

[udp]
type=transport
protocol=udp
bind={env.sip_listen}
{outside}
[ws]
type=transport
protocol=ws
bind=127.0.0.1

"""
    if env.phones_listen:
        text += "[wss]\ntype=transport\nprotocol=wss\nbind=127.0.0.1\n\n"
    return text + "".join(_trunk(t) for t in env.trunks) + "#include pjsip_phones.conf\n"


def _trunk(trunk: Any) -> str:
    """A carrier's line: known by the address that it calls from, registered where it wants."""
    auth = f"outbound_auth={trunk.name}\n" if trunk.username else ""
    text = f"""[{trunk.name}]
type=endpoint
context=trunk-{trunk.name}
transport=udp
disallow=all
allow={",".join(trunk.codecs)}
dtmf_mode=auto
direct_media=no
{_media(settings.ENV.sip_listen)}trust_id_inbound=yes
rtp_symmetric=yes
force_rport=yes
rewrite_contact=yes
aors={trunk.name}
{auth}
[{trunk.name}]
type=aor
contact=sip:{trunk.host}
qualify_frequency=30

[{trunk.name}]
type=identify
endpoint={trunk.name}
{"".join(f"match={source}{chr(10)}" for source in trunk.sources())}
"""
    if trunk.username:
        text += f"""[{trunk.name}]
type=auth
auth_type=userpass
username={trunk.username}
password={trunk.password.get_secret_value()}

[{trunk.name}]
type=registration
transport=udp
outbound_auth={trunk.name}
server_uri=sip:{trunk.host}
client_uri=sip:{trunk.username}@{trunk.host}
contact_user=112
retry_interval=20

"""
    return text


def _media(listen: str) -> str:
    """The sound of calls goes where the calls go, and nowhere else."""
    host = listen.rpartition(":")[0]
    if host in ("", "0.0.0.0"):  # noqa: S104 - compared, not bound
        return ""
    return f"media_address={host}\nbind_rtp_to_media_address=yes\n"


def _phone(person: User) -> str:
    """The telephone in the browser, and one on the desk, of somebody who takes calls."""
    name, password = endpoint_of(person), password_of(person)
    kinds = {
        # A browser that went away says nothing: its silence must tell.
        name: "webrtc=yes\ndtls_auto_generate_cert=yes\nrtp_timeout=5\n"
        + _media(settings.ENV.phones_listen),
        name + DESK: "transport=udp\nrtp_symmetric=yes\nforce_rport=yes\nrewrite_contact=yes\n"
        + _media(settings.ENV.sip_listen),
    }
    return "".join(
        f"""[{endpoint}]
type=endpoint
context=phones
disallow=all
allow=alaw,ulaw
dtmf_mode=auto
direct_media=no
device_state_busy_at=1
{special}auth={endpoint}
aors={endpoint}

[{endpoint}]
type=aor
max_contacts=1
remove_existing=yes
qualify_frequency=15

[{endpoint}]
type=auth
auth_type=userpass
username={endpoint}
password={password}

"""
        for endpoint, special in kinds.items()
    )


def _extensions() -> str:
    """Calls are recorded and go to the control process. Without it every telephone rings, again
    and again, until somebody lifts one, the process is back, or the caller hangs up. Asterisk
    itself records, from the first moment on whatever becomes of our process; the files are as
    long as one another."""
    env = settings.ENV
    text = "[general]\nstatic=yes\nwriteprotect=yes\n\n#include extensions_phones.conf\n\n"
    for trunk in env.trunks:
        text += f"[trunk-{trunk.name}]\nexten => _[+0-9a-zA-Z].,1,Goto({LINE},inbound,1)\n"
        text += f"exten => s,1,Goto({LINE},inbound,1)\n\n"
    ring = f"{ALONE_S},mb(alone^mark^1)"
    beyond = f" same => n,Dial({beyond_dial()},{ring})\n" if env.second_centre else ""
    recording = "${ASTSPOOLDIR}/recording/${UNIQUEID}_1"
    return (
        text
        + f"""[{LINE}]
exten => _[a-z].,1,Set(SIGAP_PART=caller)
 same => n,MixMonitor(,r({recording}-in.wav)t({recording}-out.wav))
 same => n,Stasis({APP},${{EXTEN}})
 same => n,GotoIf($["${{STASISSTATUS}}" = "FAILED"]?alone,s,1)
 same => n,Hangup()

[alone]
exten => s,1,Answer()
 same => n,Playback(sigap/alone)
 same => n,Set(__SIGAP_CALL=${{UNIQUEID}})
 same => n(ring),Dial(${{PHONES}},{ring})
 same => n,GotoIf($["${{DIALSTATUS}}" = "ANSWER"]?done)
{beyond} same => n,Stasis({APP},alone)
 same => n,GotoIf($["${{STASISSTATUS}}" != "FAILED"]?done)
 same => n,Wait(2)
 same => n,Goto(ring)
 same => n(done),Hangup()
exten => mark,1,Set(SIGAP_PART=alone)
 same => n,Return()

[{EARS}]
exten => _[0-9a-f].,1,TryExec(AudioSocket(${{EXTEN:0:36}},127.0.0.1:${{EXTEN:37}}))
 same => n,Wait(0.5)
 same => n,Goto(1)

[phones]
exten => echo,1,Answer()
 same => n,Echo()
 same => n,Hangup()
"""
    )


def beyond_dial() -> str:
    """How Asterisk rings the second centre: `number@trunk` of the settings."""
    number, _at, trunk = settings.ENV.second_centre.partition("@")
    return f"PJSIP/{number}@{trunk}"


def address(text: str) -> tuple[str, int]:
    """Host and port of `host:port`."""
    host, _colon, port = text.rpartition(":")
    return host, int(port)


def _certificate(folder: Path) -> None:
    """A certificate of our own for the browsers' telephones, where the city has set none."""
    env = settings.ENV
    if not env.phones_listen or env.phones_certificate or (folder / "phones.crt").exists():
        return
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    host, now = address(env.phones_listen)[0], clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sigap")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=825))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8
    none = serialization.NoEncryption()
    _put(folder / "phones.key", key.private_bytes(pem, plain, none).decode())
    _put(folder / "phones.crt", certificate.public_bytes(pem).decode())


def _names(host: str) -> Iterable[Any]:
    from cryptography import x509

    names: list[x509.GeneralName] = [x509.DNSName(h) for h in settings.ENV.allowed_hosts]
    try:
        names.append(x509.IPAddress(ipaddress.ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))
    return names
