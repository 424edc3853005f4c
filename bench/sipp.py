"""Calls made by sipp, many at once for little processor: each kind plays one file of packets."""

import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.sip import alaw
from tools.exchange import free_udp_port

PACKET_S = 0.02
ALAW, EVENTS = 8, 101
KEYS = "0123456789*#"
PCAP_HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
ETHERNET = bytes(12) + b"\x08\x00"

SCENARIO = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="{name}">
<send retrans="500"><![CDATA[
INVITE sip:112@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]>;tag=[pid]{name}[call_number]
To: <sip:112@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From]
[last_To]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<nop><action><exec play_pcap_audio="{pcap}"/></action></nop>
<pause milliseconds="{lasts_ms}"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From]
[last_To]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""


@dataclass(frozen=True)
class Play:
    """What is heard in each of these calls: after so many seconds a sound or a key, else
    nothing, for as long as the call lasts."""

    name: str
    sound: Path | None = None
    key: str = ""
    after_s: float = 0.0


def start(
    folder: Path,
    server: tuple[str, int],
    play: Play,
    numbers: Sequence[str],
    *,
    local: str,
    per_second: float,
    lasts_s: float,
) -> "subprocess.Popen[bytes]":
    """Begin to call by all these numbers; it ends by itself after the last call."""
    program = shutil.which("sipp")
    assert program, "sipp is missing (package sip-tester)"
    pcap, scenario = folder / f"{play.name}.pcap", folder / f"{play.name}.xml"
    pcap.write_bytes(_packets(play, lasts_s))
    words = {"name": play.name, "pcap": pcap, "lasts_ms": round(lasts_s * 1000)}
    scenario.write_text(SCENARIO.format(**words))
    injected = folder / f"{play.name}.csv"
    injected.write_text("SEQUENTIAL\n" + "".join(f"{number}\n" for number in numbers))
    files = ["-sf", str(scenario), "-inf", str(injected)]
    here = ["-i", local, "-mi", local, "-p", str(free_udp_port(local))]
    count = ["-m", str(len(numbers)), "-l", str(len(numbers)), "-nostdin", "-trace_err"]
    rate = ["-r", str(round(per_second * 100)), "-rp", "100000"]
    limit = ["-timeout", f"{len(numbers) / per_second + lasts_s + 30:.0f}s"]
    return subprocess.Popen(
        [program, f"{server[0]}:{server[1]}", *files, *here, *count, *rate, *limit],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _packets(play: Play, lasts_s: float) -> bytes:
    """The file: every packet of a call with the time at which it is sent."""
    said = alaw.encode(alaw.read(play.sound)) if play.sound else b""
    begin, frames = round(play.after_s / PACKET_S), len(said) // alaw.FRAME
    found = [PCAP_HEAD]
    for n in range(round(lasts_s / PACKET_S)):
        at = n - begin
        if play.key and 0 <= at < 9:  # six of the press, and its end three times
            end, length = (0x8A if at >= 6 else 0x0A), min(at + 1, 7) * alaw.FRAME
            event = struct.pack("!BBH", KEYS.index(play.key), end, length)
            found.append(_packet(n, EVENTS, begin, event, marker=at == 0))
        elif 0 <= at < frames:
            frame = said[at * alaw.FRAME : (at + 1) * alaw.FRAME]
            found.append(_packet(n, ALAW, n, frame))
        else:
            found.append(_packet(n, ALAW, n, alaw.SILENCE))
    return b"".join(found)


def _packet(n: int, kind: int, time: int, payload: bytes, *, marker: bool = False) -> bytes:
    rtp = struct.pack(
        "!BBHII", 0x80, kind | (0x80 if marker else 0), n & 0xFFFF, time * alaw.FRAME, 0x5EA1
    )
    udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp) + len(payload), 0)
    total = 20 + len(udp) + len(rtp) + len(payload)
    ip = struct.pack("!BBHHHBBH8x", 0x45, 0, total, n & 0xFFFF, 0, 64, 17, 0)
    frame = ETHERNET + ip + udp + rtp + payload
    seconds, part = divmod(round(n * PACKET_S * 1e6), 1_000_000)
    return struct.pack("<IIII", seconds, part, len(frame), len(frame)) + frame
