"""`sigap voice`: speech is heard on lines, and nothing else is taken for it."""

import asyncio
import os
import random
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from sigap.gateways.voice import cli
from sigap.gateways.voice.client import Beside, Voice
from sigap.gateways.voice.detector import Detector
from sigap.gateways.voice.rule import Rule

from .lines import WAIT_S, Caller, Control, VoiceServer, sound, spoken
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
    """Somebody calls."""
    with ExitStack() as calls:
        yield lambda: calls.enter_context(closing(Caller()))


@pytest.fixture
def caller(call: Callable[..., Caller]) -> Caller:
    return call()


def play(control: Control, caller: Caller, *sounds: bytes, **rule: float) -> list[str]:
    """Listen to a call on which these are heard one after the other."""
    control.listen(CALL, caller, **rule)
    return control.play(CALL, caller, b"".join(sounds))


def test_one_short_word_is_speech(control: Control, caller: Caller) -> None:
    assert play(control, caller, spoken("Tolong")) == ["speech"]
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
    assert control.play(CALL, caller, sound("roar")) == ["noise"]  # said once
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


def test_what_comes_before_it_is_asked_for_is_heard(control: Control, caller: Caller) -> None:
    caller.send(spoken("Tolong"), control.audio)
    control.listen(CALL, caller)
    control.received(CALL, caller)
    assert control.kinds(CALL) == ["speech"]


def test_audio_in_pieces_of_any_size_is_heard(control: Control, caller: Caller) -> None:
    words = spoken("Tolong, ada kebakaran di rumah saya, cepat datang")
    data, chance = b"".join(caller.frames(words)), random.Random(112)
    control.listen(CALL, caller)
    while data:
        size = chance.randrange(1, 1000)
        caller.write(data[:size], control.audio)
        data = data[size:]
        control.report(CALL)  # the next piece comes in another turn
    caller.sent = len(words) // 2
    control.received(CALL, caller)
    assert control.kinds(CALL) == ["speech"]


def test_a_connection_that_begins_anew_goes_on_with_its_call(
    control: Control, caller: Caller
) -> None:
    play(control, caller, sound("silence", 1.0))
    caller.close()
    assert control.play(CALL, caller, spoken("Tolong")) == ["speech"]


def test_the_connection_of_a_call_that_ended_is_closed(control: Control, caller: Caller) -> None:
    play(control, caller, sound("silence", 1.0))
    control.ask("forget", id=CALL)
    until(lambda: _refuses(caller, control), WAIT_S)


def _refuses(caller: Caller, control: Control) -> bool:
    try:
        caller.send(sound("silence", 0.02), control.audio)
    except OSError:
        return True
    return False


def test_beyond_its_limit_it_says_that_it_is_full(
    tmp_path: Path, call: Callable[..., Caller]
) -> None:
    with running(VoiceServer(tmp_path, "--calls-per-core", "1")) as started:
        assert isinstance(started, VoiceServer)
        with closing(Control(started.socket)) as control:
            most = control.ready["most"]
            for n in range(most):
                control.listen(f"c{n}", call())
            assert control.ask("listen", "full", id="more", feed=str(uuid4()))["id"] == "more"
            control.ask("forget", id="c0")
            control.listen("more", call())
            assert control.ask("ping", n=3)["calls"] == most


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"[]\n",
        b'{"do":"sing"}\n',
        b'{"do":"listen","id":"c9","feed":"nobody"}\n',
        b'{"do":"listen","id":"c9","feed":"%s","rule":{"speech_s":-1}}\n'
        % bytes(32).hex().encode(),
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


def test_audio_may_wait_as_long_as_nobody_has_judged() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        detector = Detector(1, listener, lambda: None)
        before = detector.lag_s()
        assert 0 <= before < detector.lag_s()


def test_what_is_no_audio_harms_nobody(control: Control, caller: Caller) -> None:
    control.listen(CALL, caller)
    for junk in (b"hello", b"GET / HTTP/1.1\r\n\r\n", bytes(100)):
        with socket.create_connection(control.audio) as other:
            other.sendall(junk)
            control.report(CALL)
    caller.write(b"\x03\x00\x01" + b"5" + b"\x10\x00\x03abc" + b"\x7f\x00\x00", control.audio)
    assert control.play(CALL, caller, spoken("Tolong")) == ["speech"]


def test_a_new_client_takes_the_place_of_the_old(
    server: VoiceServer, control: Control, caller: Caller
) -> None:
    control.listen(CALL, caller)
    with closing(Control(server.socket)) as newer:
        assert control.ended()
        until(lambda: newer.ask("ping", n=1)["calls"] == 0, WAIT_S)
        newer.listen(CALL, caller)
        assert newer.play(CALL, caller, spoken("Tolong")) == ["speech"]


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
    for n, caller in enumerate(callers):
        caller.send(sounds[n % 3], control.audio)
    for n, caller in enumerate(callers):
        control.received(f"c{n}", caller)
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
    """Send audio by a new connection and wait until it was heard."""
    assert voice.audio
    caller.close()
    caller.sent = 0
    caller.send(audio, voice.audio)
    while (told := await voice.report(CALL)) is None or not caller.heard(told):
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
            assert await voice.listen(CALL, str(caller.feed), Rule()) == "later"
            await begun(beside, 1)
            await sent(voice, caller, sound("silence", 1.0))
            audio = voice.audio
            assert beside.pid
            os.kill(beside.pid, number)
            await begun(beside, 2)
            assert voice.audio == audio  # where Asterisk sends to
            await sent(voice, caller, spoken("Tolong"))
            assert await first_heard(voice) == (CALL, "speech")
            await voice.forget(CALL)
            assert await voice.report(CALL) is None

    run(story())


def test_the_client_says_when_there_is_no_room(tmp_path: Path, caller: Caller) -> None:
    async def story() -> None:
        path = tmp_path / "voice"
        async with Beside(path, calls_per_core=1) as beside, asyncio.timeout(60):
            await beside.voice.connected()
            for n in range(beside.voice.most):
                assert await beside.voice.listen(f"c{n}", str(uuid4())) == "listening"
            assert await beside.voice.listen("more", str(caller.feed)) == "full"

    run(story())
