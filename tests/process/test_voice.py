"""`sigap voice`: speech is heard on lines, and nothing else is taken for it."""

import asyncio
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic

import pytest
from click.testing import CliRunner

from sigap.gateways.voice import cli
from sigap.gateways.voice.client import Beside, Voice
from sigap.gateways.voice.detector import Detector
from sigap.gateways.voice.rule import Rule

from .lines import AT_ONCE, WAIT_S, Caller, Control, VoiceServer, sound, spoken
from .loops import run
from .server import SIGAP, run_sigap, run_to_its_end, running, until

CALL = "c1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoiceServer]:
    with running(VoiceServer(tmp_path_factory.mktemp("v"), "--calls-per-core", "200")) as started:
        assert isinstance(started, VoiceServer)
        yield started


@pytest.fixture
def control(server: VoiceServer) -> Iterator[Control]:
    with closing(Control(server.socket)) as connected:
        yield connected


@pytest.fixture
def call() -> Iterator[Callable[..., Caller]]:
    """Somebody calls: call("alaw")."""
    with ExitStack() as calls:
        yield lambda *coding: calls.enter_context(closing(Caller(*coding)))


@pytest.fixture
def caller(call: Callable[..., Caller]) -> Caller:
    return call()


def play(control: Control, caller: Caller, *sounds: bytes, **rule: float) -> list[str]:
    """Listen to a call on which these are heard one after the other."""
    control.listen(CALL, caller, **rule)
    return control.play(CALL, caller, caller.packets(b"".join(sounds)))


@pytest.mark.parametrize("coding", ["alaw", "ulaw", "slin"])
def test_one_short_word_is_speech(
    control: Control, call: Callable[..., Caller], coding: str
) -> None:
    assert play(control, call(coding), spoken("Tolong", coding)) == ["speech"]
    assert control.report(CALL)["speech_s"] >= 0.4
    assert -40 < control.loudness[CALL] < -10


@pytest.mark.parametrize("voice", ["id+f3", "id+m5", "id+whisper"])
def test_every_voice_is_speech(control: Control, caller: Caller, voice: str) -> None:
    words = spoken("Tolong, ada orang masuk ke rumah saya", voice=voice, volume=0.2)
    assert play(control, caller, words) == ["speech"]


def test_speech_is_heard_in_the_noise_of_a_street(control: Control, caller: Caller) -> None:
    noise = sound("street", 3.0)
    assert "speech" in play(control, caller, noise, spoken("Tolong ada kecelakaan"), noise)


@pytest.mark.parametrize("name", ["silence", "hiss", "tapping"])
def test_what_is_quiet_or_short_is_nothing(control: Control, caller: Caller, name: str) -> None:
    assert play(control, caller, sound(name)) == []
    assert control.report(CALL)["heard_s"] > 7.9


def test_the_noise_of_a_street_is_not_speech(control: Control, caller: Caller) -> None:
    assert "speech" not in play(control, caller, sound("street", 20.0))


def test_loud_noise_that_lasts_is_noise(control: Control, caller: Caller) -> None:
    assert play(control, caller, sound("roar")) == ["noise"]
    assert play(control, caller, sound("roar")) == ["noise"]  # said once
    told = control.report(CALL)
    assert told["noise_s"] > 10 and told["loudest_db"] > -30


def test_loud_noise_that_ends_soon_is_nothing(control: Control, caller: Caller) -> None:
    assert play(control, caller, sound("roar", 3.0), sound("silence")) == []


def test_each_call_is_judged_by_its_own_numbers(control: Control, caller: Caller) -> None:
    numbers = {"noise_s": 0.5, "noise_within_s": 1.0, "speech_s": 3.0, "speech_within_s": 4.0}
    assert play(control, caller, spoken("Tolong"), sound("roar", 1.0), **numbers) == ["noise"]


def test_speech_is_heard_after_noise(control: Control, caller: Caller) -> None:
    heard = play(control, caller, sound("roar", 20.0), sound("silence", 0.5), spoken("Tolong"))
    assert heard == ["noise", "speech"]


def test_what_comes_before_its_port_is_known_is_heard(control: Control, caller: Caller) -> None:
    caller.send(caller.packets(spoken("Tolong"))[:AT_ONCE], control.rtp)
    control.listen(CALL, caller)
    control.received(CALL, caller)
    control.play(CALL, caller, caller.packets(sound("silence", 0.2)))
    assert control.kinds(CALL) == ["speech"]


def test_the_rest_of_an_ended_call_is_not_the_next_one_s(
    control: Control, caller: Caller, call: Callable[..., Caller]
) -> None:
    play(control, caller, sound("silence", 1.0))
    control.ask("forget", id=CALL)
    caller.send(caller.packets(spoken("Tolong"))[:AT_ONCE], control.rtp)
    control.listen("c2", caller)
    another = call()
    control.listen("c3", another)
    control.play("c3", another, another.packets(sound("silence", 0.1)))
    assert control.report("c2")["packets"] == 0


def test_lost_and_late_packets_break_nothing(control: Control, caller: Caller) -> None:
    words = spoken("Tolong, ada kebakaran di rumah saya, cepat datang")
    packets = caller.packets(sound("silence", 2.0) + words + sound("silence", 1.0))
    chance = random.Random(112)
    left = [packet for packet in packets if chance.random() > 0.1]
    for at in range(0, len(left) - 3, 5):
        left[at], left[at + 2] = left[at + 2], left[at]
    control.listen(CALL, caller)
    assert control.play(CALL, caller, left) == ["speech"]
    told = control.report(CALL)
    assert told["unheard_s"] == pytest.approx((len(packets) - len(left)) * 0.02, abs=0.1)
    assert told["heard_s"] == pytest.approx(len(left) * 0.02, abs=0.2)


def test_beyond_its_limit_it_says_that_it_is_full(
    tmp_path: Path, call: Callable[..., Caller]
) -> None:
    with running(VoiceServer(tmp_path, "--calls-per-core", "1")) as started:
        assert isinstance(started, VoiceServer)
        with closing(Control(started.socket)) as control:
            most = control.ready["most"]
            for n in range(most):
                control.listen(f"c{n}", call())
            assert control.ask("listen", "full", id="more", port=call().port)["id"] == "more"
            control.ask("forget", id="c0")
            control.listen("more", call())
            assert control.ask("ping", n=3)["calls"] == most


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"[]\n",
        b'{"do":"sing"}\n',
        b'{"do":"listen","id":"c9","port":70000}\n',
        b'{"do":"listen","id":"c9","port":5000,"rule":{"speech_s":-1}}\n',
        b'{"do":"forget","id":"nobody"}\n',
        b"\xff\xfe\n",
        b"x" * 100_000 + b"\n",
    ],
)
def test_a_wrong_line_is_answered_and_ends_nothing(control: Control, line: bytes) -> None:
    control.write(line)
    assert control.expect("error")["why"]
    control.write(b'{"do":"ping","n":7}\n')
    while (message := control.next())["is"] == "error":
        pass  # a line that is too long may be answered in parts
    assert message["n"] == 7


def test_it_says_whether_it_keeps_up(control: Control) -> None:
    pong = control.ask("ping", n=41)
    assert pong["n"] == 41 and pong["calls"] == 0 and pong["overloaded"] is False
    assert 0 <= pong["lag_ms"] < 1000


def test_it_knows_how_old_the_audio_is_that_nobody_has_judged() -> None:
    detector = Detector(1, lambda: None)
    assert detector.lag_s() == 0
    detector.packets.append((monotonic() - 3, ("127.0.0.1", 5000), b""))
    detector.packets.append((monotonic(), ("127.0.0.1", 5000), b""))
    assert detector.lag_s() >= 3


def test_packets_that_are_none_harm_nobody(control: Control, caller: Caller) -> None:
    control.listen(CALL, caller)
    caller.send([b"", b"hello", b"\x90" + bytes(12), random.Random(1).randbytes(200)], control.rtp)
    caller.sent = control.report(CALL)["packets"]
    assert control.play(CALL, caller, caller.packets(spoken("Tolong"))) == ["speech"]


def test_a_new_client_takes_the_place_of_the_old(
    server: VoiceServer, control: Control, caller: Caller
) -> None:
    control.listen(CALL, caller)
    with closing(Control(server.socket)) as newer:
        assert control.ended()
        until(lambda: newer.ask("ping", n=1)["calls"] == 0, WAIT_S)
        newer.listen(CALL, caller)
        assert newer.play(CALL, caller, caller.packets(spoken("Tolong"))) == ["speech"]


def test_calls_are_forgotten_with_their_client(
    server: VoiceServer, control: Control, caller: Caller
) -> None:
    control.listen(CALL, caller)
    control.close()
    with closing(Control(server.socket)) as newer:
        until(lambda: newer.ask("ping", n=1)["calls"] == 0, WAIT_S)


def test_only_the_same_user_may_control_it(server: VoiceServer) -> None:
    assert server.socket.stat().st_mode & 0o777 == 0o600


def test_a_hundred_and_fifty_calls_at_once_are_all_right(
    control: Control, call: Callable[..., Caller]
) -> None:
    sounds = [spoken("Tolong"), sound("silence", 4.2), sound("roar", 4.2)]
    wanted = [["speech"], [], ["noise"]]
    if control.ready["most"] < 150:
        pytest.skip("this machine has no cores for so many calls")
    callers = [call() for _ in range(150)]
    for n, caller in enumerate(callers):
        control.listen(f"c{n}", caller)
    packets = [caller.packets(sounds[n % 3]) for n, caller in enumerate(callers)]
    for at in range(0, max(map(len, packets)), 2):
        for caller, own in zip(callers, packets, strict=True):
            caller.send(own[at : at + 2], control.rtp)
        control.received("c149", callers[149])
    for n, caller in enumerate(callers):
        assert control.report(f"c{n}")["packets"] == caller.sent
    assert [control.kinds(f"c{n}") for n in range(150)] == [wanted[n % 3] for n in range(150)]


def test_a_second_process_does_not_take_the_socket(server: VoiceServer) -> None:
    done = run_to_its_end(server.environment, "voice", "--socket", str(server.socket))
    assert done.returncode == 1
    assert "another process listens there" in done.stderr and len(done.stderr.splitlines()) == 1


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    path = tmp_path / "voice"
    command = [SIGAP, "voice", "--socket", str(path), "--beside"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        until(path.is_socket, WAIT_S)
        assert process.stdin
        process.stdin.close()
        assert process.wait(WAIT_S) == 0
    assert not path.exists()


def test_whether_a_machine_can_do_it_is_known_beforehand() -> None:
    assert run_sigap(dict(os.environ), "voice", "--check").startswith("ok: ")


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.NEEDED, "no_such_module", "no-such-package")
    done = CliRunner().invoke(cli.voice_command, ["--check"])
    assert done.exit_code == 1
    assert done.output.strip() == "Voice detection lacks no-such-package. Run: make install"


async def first_heard(voice: Voice) -> tuple[str, str]:
    async for id, heard in voice.heard():
        return id, heard.what
    raise AssertionError


async def sent(voice: Voice, caller: Caller, audio: bytes) -> None:
    """Send audio no faster than it is received."""
    assert voice.rtp
    packets = caller.packets(audio)
    before = await voice.report(CALL)
    assert before
    caller.sent = before["packets"]
    for at in range(0, len(packets), AT_ONCE):
        caller.send(packets[at : at + AT_ONCE], voice.rtp)
        while (told := await voice.report(CALL)) is None or told["packets"] < caller.sent:
            pass


async def begun(beside: Beside, starts: int) -> None:
    while beside.starts < starts or not beside.voice.healthy:
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_ends_or_hangs_is_replaced_and_goes_on_listening(
    tmp_path: Path, caller: Caller, number: signal.Signals
) -> None:
    async def story() -> None:
        async with Beside(tmp_path / "voice", patience_s=0.2) as beside, asyncio.timeout(60):
            voice = beside.voice
            assert not voice.healthy
            assert await voice.listen(CALL, caller.port, Rule()) == "later"
            await begun(beside, 1)
            await sent(voice, caller, sound("silence", 1.0))
            rtp = voice.rtp
            assert beside.pid
            os.kill(beside.pid, number)
            await begun(beside, 2)
            assert voice.rtp == rtp  # where Asterisk sends to
            await sent(voice, caller, spoken("Tolong"))
            assert await first_heard(voice) == (CALL, "speech")
            await voice.forget(CALL)
            assert await voice.report(CALL) is None

    run(story())


def test_the_client_says_when_there_is_no_room(
    tmp_path: Path, caller: Caller, call: Callable[..., Caller]
) -> None:
    async def story() -> None:
        path = tmp_path / "voice"
        async with Beside(path, calls_per_core=1) as beside, asyncio.timeout(60):
            await beside.voice.connected()
            for n in range(beside.voice.most):
                assert await beside.voice.listen(f"c{n}", call().port) == "listening"
            assert await beside.voice.listen("more", caller.port) == "full"

    run(story())
