"""RTP packets in any order become audio in order."""

import struct

import pytest

from sigap.gateways.voice.rtp import Packet, Piece, Stream, decode, parse

SAMPLES = 160


def packet(n: int, *, start: int = 0, ssrc: int = 1, kind: int = 8) -> Packet:
    """The n-th packet of a stream; its audio says which one it is."""
    payload = bytes([n % 256]) * SAMPLES
    return Packet(kind, (start + n) & 0xFFFF, (n * SAMPLES) & 0xFFFFFFFF, ssrc, payload)


def audio(n: int) -> bytes:
    decoded = decode(8, bytes([n % 256]) * SAMPLES)
    assert decoded
    return decoded


def heard(stream: Stream, *packets: Packet) -> list[Piece]:
    return [piece for one in packets for piece in stream.take(one)]


def test_packets_in_order_are_heard_at_once() -> None:
    stream = Stream()
    for n in range(300):
        assert stream.take(packet(n, start=65500)) == [Piece(0, audio(n))]


def test_packets_out_of_order_are_put_in_order() -> None:
    pieces = heard(Stream(), *(packet(n) for n in (0, 2, 1, 5, 4, 3, 6)))
    assert pieces == [Piece(0, audio(n)) for n in range(7)]


def test_a_packet_that_comes_twice_or_too_late_is_left_out() -> None:
    pieces = heard(Stream(), *(packet(n) for n in (0, 1, 1, 0, 3, 3, 2, 4)))
    assert pieces == [Piece(0, audio(n)) for n in range(5)]


def test_what_is_lost_is_a_gap() -> None:
    pieces = heard(Stream(), *(packet(n) for n in (0, 1, 5, 6, 7, 8, 9, 10)))
    assert pieces[:3] == [Piece(0, audio(0)), Piece(0, audio(1)), Piece(3 * SAMPLES, audio(5))]
    assert [piece.gap for piece in pieces[3:]] == [0] * 5


def test_a_pause_of_the_sender_is_a_gap_too() -> None:
    after = packet(1)._replace(timestamp=SAMPLES * 101)
    assert [piece.gap for piece in heard(Stream(), packet(0), after)] == [0, 100 * SAMPLES]


def test_another_stream_begins_at_once() -> None:
    other = packet(0, start=40000, ssrc=2)
    assert heard(Stream(), packet(0), packet(2), other) == [Piece(0, audio(0)), Piece(0, audio(0))]
    far = packet(1, start=20000)
    assert [piece.gap for piece in heard(Stream(), packet(0), far)] == [0, 0]


def test_a_clock_that_is_set_anew_is_no_gap() -> None:
    anew = packet(1)._replace(timestamp=3_000_000_000)
    assert [piece.gap for piece in heard(Stream(), packet(0), anew)] == [0, 0]


def test_keys_and_comfort_noise_are_not_audio() -> None:
    pieces = heard(Stream(), packet(0), packet(1, kind=101), packet(2, kind=13), packet(3))
    assert pieces == [Piece(0, audio(0)), Piece(2 * SAMPLES, audio(3))]


@pytest.mark.parametrize(
    ("kind", "payload", "samples"),
    [
        (8, b"\xd5\x55\xaa\x2a", (8, -8, 32256, -32256)),
        (0, b"\xff\x7f\x80\x00", (0, 0, 32124, -32124)),
        (11, b"\x00\x01\x7f\xff\x80\x00", (1, 32767, -32768)),
        (118, b"\xff\xff", (-1,)),
    ],
)
def test_each_way_of_coding_is_understood(
    kind: int, payload: bytes, samples: tuple[int, ...]
) -> None:
    assert decode(kind, payload) == struct.pack(f"={len(samples)}h", *samples)


def test_what_is_no_audio_is_not_decoded() -> None:
    assert decode(101, b"\x01\x02\x03\x04") is None
    assert decode(11, b"\x01\x02\x03") is None
    assert decode(3, b"\x01") is None


def test_a_header_may_have_more_than_the_least() -> None:
    least = struct.pack("!BBHII", 0x80, 8, 7, 1120, 99)
    assert parse(least + b"abcd") == Packet(8, 7, 1120, 99, b"abcd")
    marked = struct.pack("!BBHII", 0x80, 0x88, 7, 1120, 99)
    assert parse(marked + b"abcd") == Packet(8, 7, 1120, 99, b"abcd")
    full = struct.pack("!BBHIII", 0x80 | 0x31, 8, 7, 1120, 99, 5) + b"\xbe\xde\x00\x01\0\0\0\0"
    assert parse(full + b"abcd\0\0\3") == Packet(8, 7, 1120, 99, b"abcd")


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x00" * 20, b"\x8f" + bytes(11), b"\x90" + bytes(13), b"\xa0" * 12]
)
def test_what_is_no_packet_is_nothing(data: bytes) -> None:
    assert parse(data) is None
