"""RTP as Asterisk's external media sends it: packets in any order in, audio in order out."""

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .rule import RATE

HEADER = struct.Struct("!BBHII")
HELD = 5  # packets that wait for an earlier one before it is given up
# Beyond these a sequence number is no lost or late packet but another stream (RFC 3550, A.1).
DROPOUT, MISORDER = 3000, 100
LONGEST_GAP = 60 * RATE

ULAW, ALAW = 0, 8
# 10 and 11 are Asterisk's own numbers for 8 kHz linear audio; 101 and 121 are its keys.
LINEAR = frozenset({10, 11, *range(96, 128)} - {101, 121})


class Packet(NamedTuple):
    """What matters of one RTP packet."""

    kind: int
    seq: int
    timestamp: int
    ssrc: int
    payload: bytes


class Piece(NamedTuple):
    """Audio in order: linear, 16 bits, after so many samples that nobody heard."""

    gap: int
    audio: bytes


def parse(data: bytes) -> Packet | None:
    """The packet, or nothing when it is none."""
    if len(data) < HEADER.size or data[0] >> 6 != 2:
        return None
    flags, kind, seq, timestamp, ssrc = HEADER.unpack_from(data)
    start, end = HEADER.size + 4 * (flags & 0x0F), len(data)
    if flags & 0x10:  # a header extension
        if start + 4 > end:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if flags & 0x20:  # padding, whose last byte says how much
        end -= data[-1]
    if start > end:
        return None
    return Packet(kind & 0x7F, seq, timestamp, ssrc, data[start:end])


def decode(kind: int, payload: bytes) -> bytes | None:
    """Linear samples of 16 bits in this machine's order; nothing when it is no audio."""
    if kind in TABLES:
        return TABLES[kind][np.frombuffer(payload, np.uint8)].tobytes()
    if kind in LINEAR and len(payload) % 2 == 0:
        return np.frombuffer(payload, ">i2").astype(np.int16).tobytes()
    return None


class Stream:
    """One call's packets, put in order. What is late by more than a few packets is given up."""

    def __init__(self) -> None:
        self.ssrc = -1
        self._next = 0  # the sequence number that is due
        self._timestamp = 0  # and its timestamp, if nothing is lost before it
        self._samples = 0  # in the last packet
        self._held: dict[int, Packet] = {}

    def take(self, packet: Packet) -> list[Piece]:
        """What can be heard now that this packet is here."""
        ahead = (packet.seq - self._next) & 0xFFFF
        if packet.ssrc != self.ssrc or DROPOUT < ahead < 0x10000 - MISORDER:
            self.ssrc, self._next, self._timestamp = packet.ssrc, packet.seq, packet.timestamp
            self._held.clear()
        elif ahead >= 0x8000:  # its place was given up, or it came twice
            return []
        self._held[packet.seq] = packet
        pieces, lost = [], 0
        while self._held:
            due = self._held.pop(self._next, None)
            if due is None:
                if len(self._held) <= HELD:
                    break
                first = min((seq - self._next) & 0xFFFF for seq in self._held)
                lost, self._next = first, (self._next + first) & 0xFFFF
                continue
            self._next = (self._next + 1) & 0xFFFF
            if piece := self._piece(due, lost):
                pieces.append(piece)
                lost = 0
        return pieces

    def _piece(self, packet: Packet, lost: int) -> Piece | None:
        audio = decode(packet.kind, packet.payload)
        if not audio:
            return None
        gap = (packet.timestamp - self._timestamp) & 0xFFFFFFFF
        if gap > LONGEST_GAP:  # the clock was set anew, as when another party is put through
            gap = lost * self._samples
        self._samples = len(audio) // 2
        self._timestamp = (packet.timestamp + self._samples) & 0xFFFFFFFF
        return Piece(gap, audio)


def _alaw(byte: int) -> int:
    """G.711: 13 bits in a sign, three bits of exponent and four of mantissa."""
    byte ^= 0x55
    exponent, value = byte >> 4 & 7, (byte & 15) << 4 | 8
    if exponent:
        value = (value + 0x100) << (exponent - 1)
    return value if byte & 0x80 else -value


def _ulaw(byte: int) -> int:
    """G.711: 14 bits in the same way, all bits turned over."""
    byte = ~byte & 0xFF
    value = (((byte & 15) << 3 | 0x84) << (byte >> 4 & 7)) - 0x84
    return -value if byte & 0x80 else value


TABLES: dict[int, NDArray[np.int16]] = {
    ALAW: np.array([_alaw(byte) for byte in range(256)], np.int16),
    ULAW: np.array([_ulaw(byte) for byte in range(256)], np.int16),
}
