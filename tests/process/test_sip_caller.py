"""The telephones of the tests, proven against a real Asterisk with a few lines of dialplan."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from sim.sip import Behaviour, CallEnded, Caller, Party, Phone, State, Trunk, alaw
from tools.exchange import Exchange, free_udp_port

from .loops import run
from .server import until

LOUD = alaw.tones(1.0, 440)
PASSWORD = "kata sandi meja satu"
MODULES = """
    res_sorcery_config res_sorcery_memory res_sorcery_astdb res_timing_timerfd res_pjproject
    res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_sdp_rtp res_rtp_asterisk
    res_pjsip_registrar res_pjsip_authenticator_digest res_pjsip_endpoint_identifier_ip
    res_pjsip_endpoint_identifier_user res_pjsip_caller_id res_pjsip_header_funcs
    res_pjsip_rfc3326 chan_pjsip pbx_config app_dial app_echo app_milliwatt app_read app_senddtmf
    app_stack app_verbose func_callerid func_channel codec_alaw codec_ulaw bridge_simple
    bridge_native_rtp
"""
PJSIP = """
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{port}

[sound](!)
type = endpoint
disallow = all
allow = alaw
dtmf_mode = auto
direct_media = no
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
send_pai = yes

[trunk](sound)
context = outside
trust_id_inbound = yes
aors = trunk

[trunk]
type = aor
contact = sip:127.0.0.2:{trunk}

[trunk]
type = identify
endpoint = trunk
match = 127.0.0.2

[desk](sound)
context = desks
trust_id_outbound = yes
auth = desk
aors = desk

[desk]
type = auth
auth_type = userpass
username = desk
password = {password}

[desk]
type = aor
max_contacts = 1
"""
DIALPLAN = """
[outside]
exten => echo,1,Answer()
 same => n,Echo()
exten => tone,1,Answer()
 same => n,Milliwatt()
exten => key,1,Answer()
 same => n,Read(KEY,,1,,1,10)
 same => n,GotoIf($["${KEY}" = "0"]?tone,1)
 same => n,Hangup(21)
exten => press,1,Answer()
 same => n,Wait(0.1)
 same => n,SendDTMF(42)
 same => n,Wait(60)
exten => busy,1,Hangup(17)
exten => ring,1,Ringing()
 same => n,Wait(60)
exten => leave,1,Answer()
 same => n,Wait(0.2)
 same => n,Hangup(16)
exten => desk,1,Dial(PJSIP/desk,60)
 same => n,Hangup(${HANGUPCAUSE})
exten => urgent,1,Dial(PJSIP/desk,60,b(headers^add^1))
exten => _08X.,1,Dial(PJSIP/${EXTEN}@trunk,60)
 same => n,Hangup(${HANGUPCAUSE})

[headers]
exten => add,1,Set(PJSIP_HEADER(add,Call-Info)=<sip:112>\\;answer-after=0)
 same => n,Set(PJSIP_HEADER(add,X-Sigap-Call)=4711)
 same => n,Return()

[desks]
exten => _08X.,1,Goto(outside,${EXTEN},1)
"""


class Town:
    """The exchange and how to reach it."""

    def __init__(self, base: Path):
        self.port, self.trunk_port = free_udp_port(), free_udp_port("127.0.0.2")
        files = {
            "modules.conf": "[modules]\nautoload = no\n"
            + "".join(f"load = {name}.so\n" for name in re.findall(r"\w+", MODULES)),
            "pjsip.conf": PJSIP.format(port=self.port, trunk=self.trunk_port, password=PASSWORD),
            "extensions.conf": DIALPLAN,
            "logger.conf": "[logfiles]\nconsole => notice,warning,error\n",
        }
        self.exchange = Exchange(base, files)
        self.server = ("127.0.0.1", self.port)

    def caller(self, number: str = "081200000001") -> Caller:
        return Caller(self.server, number, "127.0.0.2")

    def phone(self, **more: Any) -> Phone:
        return Phone(self.server, "desk", PASSWORD, "127.0.0.3", **more)

    def remembers(self, phone: Phone) -> bool:
        """Whether it is on the disk where this phone is."""
        with closing(sqlite3.connect(self.exchange.base / "lib/astdb.sqlite3")) as disk:
            rows = disk.execute("SELECT value FROM astdb WHERE key LIKE '/registrar/contact/%'")
            return any(f":{phone.address[1]}" in value for (value,) in rows)

    def trunk(self, **more: Any) -> Trunk:
        return Trunk(self.server, "127.0.0.2", self.trunk_port, **more)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("exchange"))
    with town.exchange:
        yield town


Story = Callable[..., Coroutine[Any, Any, None]]


def told(story: Story, *parties: Party) -> None:
    """Let a story happen between these parties."""

    async def all_of_it() -> None:
        async with asyncio.timeout(30), AsyncExitStack() as stack:
            for party in parties:
                await stack.enter_async_context(party)
            await story(*parties)

    run(all_of_it())


def test_a_caller_hears_the_echo_of_their_own_voice(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("echo")
        answered = await call.answered()
        assert call.times[State.TRYING] <= answered
        assert not call.heard.spans()
        await call.play(LOUD)
        began = await call.heard.sound(lasting=0.5)
        assert began >= answered
        await call.heard.tone(440)
        await call.hang_up()
        assert (call.ended_by, call.code) == ("us", 200)
        assert alaw.tone_share(alaw.encode(call.heard.pcm(since=began)), 440) > 0.3

    told(story, town.caller())
    assert town.exchange.channels() == 0


def test_the_two_tones_of_a_key_and_its_telephone_event_are_both_understood(town: Town) -> None:
    async def story(caller: Caller) -> None:
        for in_band in (False, True):
            call = await caller.dial("key", events=not in_band)
            await call.answered()
            await call.dtmf("0", in_band=in_band)
            await call.heard.tone(1004)
            await call.hang_up()
        call = await caller.dial("key")
        await call.answered()
        await call.dtmf("5")
        await call.ended()
        assert (call.ended_by, call.cause) == ("them", 21)

    told(story, town.caller())


def test_keys_pressed_at_the_other_end_are_seen(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("press")
        await call.heard.pressed("42")

    told(story, town.caller())


def test_a_caller_may_send_no_packet_at_all_and_still_hears(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("tone", sends=False)
        await call.heard.tone(1004)
        assert call.media.sent == 0
        await call.play(LOUD)
        assert call.media.sent == 50

    told(story, town.caller())


def test_a_background_goes_on_until_another_is_chosen(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("echo")
        await call.answered()
        call.media.background(alaw.tones(0.1, 600))
        await call.heard.tone(600, lasting=0.5)
        call.media.background(None)
        await call.heard.until(lambda: call.heard.packets[-1].level < -60 or None)

    told(story, town.caller())


def test_either_side_may_end_a_call(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("leave")
        assert await call.ended() == 200
        assert (call.ended_by, call.cause) == ("them", 16)

    told(story, town.caller())


def test_a_caller_gives_up_while_it_rings(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("ring")
        await call.reached("ringing")
        await call.hang_up()
        assert (call.ended_by, call.code) == ("us", 487)
        at_once = await caller.dial("ring")
        await at_once.hang_up()
        assert (at_once.ended_by, at_once.code) == ("us", 487)
        with pytest.raises(CallEnded):
            await at_once.answered()

    told(story, town.caller())
    assert town.exchange.channels() == 0


def test_an_exchange_may_refuse(town: Town) -> None:
    async def story(caller: Caller) -> None:
        call = await caller.dial("busy")
        assert await call.ended() == 486
        assert call.ended_by == "them"
        call = await caller.dial("nobody")
        assert await call.ended() == 404

    told(story, town.caller())


def test_a_desk_phone_registers_rings_and_is_answered(town: Town) -> None:
    async def story(caller: Caller, phone: Phone) -> None:
        call = await caller.dial("desk")
        rung = await phone.next_call()
        await call.reached("ringing")
        assert "081200000001" in rung.invite.header("From")
        rung.answer()
        await call.answered()
        await asyncio.gather(call.play(LOUD), rung.heard.tone(440), call.heard.sound(-99.5))
        await rung.play(alaw.tones(1, 1000))
        await call.heard.tone(1000)
        await rung.hang_up()
        await call.ended()
        assert (rung.ended_by, call.ended_by) == ("us", "them")

        call = await caller.dial("desk")
        rung = await phone.next_call()
        await call.hang_up()
        await rung.ended()
        assert (rung.ended_by, rung.code) == ("them", 487)

    told(story, town.caller(), town.phone())


def test_a_desk_phone_refuses_or_stays_silent(town: Town) -> None:
    async def story(caller: Caller, phone: Phone) -> None:
        for behaviour, code in ((Behaviour.BUSY, 486), (Behaviour.DECLINE, 603)):
            phone.behaviour = behaviour
            call = await caller.dial("desk")
            assert await call.ended() >= 400
            assert (await phone.next_call()).code == code
        phone.behaviour = Behaviour.IGNORE
        call = await caller.dial("desk")
        unheard = await phone.next_call()
        assert (unheard.codes, call.state) == ([], "trying")
        await call.hang_up()

    told(story, town.caller(), town.phone())


def test_a_desk_phone_picks_up_at_once_if_it_is_asked_to(town: Town) -> None:
    async def story(caller: Caller, phone: Phone) -> None:
        call = await caller.dial("urgent")
        await call.answered()
        rung = await phone.next_call()
        assert rung.invite.header("X-Sigap-Call") == "4711"
        assert rung.state == "answered"

    told(story, town.caller(), town.phone())


def test_a_wrong_password_is_refused(town: Town) -> None:
    async def nothing(phone: Phone) -> None: ...

    with pytest.raises(AssertionError, match="401"):
        told(nothing, Phone(town.server, "desk", "salah", "127.0.0.3"))


def test_a_withheld_number_is_not_shown_but_may_be_asserted(town: Town) -> None:
    async def story(caller: Caller, phone: Phone) -> None:
        for asserted, shown in ((False, "anonymous"), (True, "081200000001")):
            call = await caller.dial("desk", withheld=True, asserted=asserted)
            rung = await phone.next_call()
            assert call.invite.header("Privacy") == "id"
            assert "081200000001" not in call.invite.header("From")
            seen = rung.invite.header("From") + rung.invite.header("P-Asserted-Identity")
            assert shown in seen.lower()
            await call.hang_up()

    told(story, town.caller(), town.phone())


def test_calls_to_ordinary_numbers_arrive_at_the_far_end(town: Town) -> None:
    async def story(phone: Phone, trunk: Trunk) -> None:
        trunk.behaviours["081200000002"] = Behaviour.BUSY
        trunk.behaviours["081200000003"] = Behaviour.RING
        call = await phone.dial("081200000001")
        await call.answered()
        far = await trunk.next_call()
        assert far.called == "081200000001"
        await asyncio.gather(far.play(LOUD), call.heard.tone(440))
        await far.hang_up()
        await call.ended()

        call = await phone.dial("081200000002")
        assert await call.ended() == 486

        call = await phone.dial("081200000003")
        await call.reached("ringing")
        await call.hang_up()

    told(story, town.phone(), town.trunk())


def test_an_exchange_that_was_killed_comes_back_and_still_knows_the_phone(town: Town) -> None:
    async def story(caller: Caller, phone: Phone) -> None:
        before = await caller.dial("echo")
        await before.answered()
        until(
            lambda: town.remembers(phone), 10
        )  # what is registered is written down a second later
        town.exchange.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await before.hang_up()
        assert before.state == "ended"
        town.exchange.start(wait=False)
        await asyncio.to_thread(town.exchange.wait_ready)
        call = await caller.dial("desk")
        (await phone.next_call()).answer()
        await call.answered()

    told(story, town.caller(), town.phone())
