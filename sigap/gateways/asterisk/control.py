"""The process between Asterisk and the control room.

It holds no state that cannot be found again: which channels are there, Asterisk knows; what became
of a call, the control room knows. So it may be killed at any time, and so may either of them.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from sigap.core.parameters import PARAMETERS

from ..voice.client import Voice
from .alone import Alone
from .ari import Ari, Event, Gone, Unreachable
from .call import Call
from .config import APP, DESK, LINE
from .gate import Numbers
from .link import Link, Order
from .parts import hand_over, owner_of, part_of, recorded
from .ringing import CAUSES, Person, in_order, is_beyond, who_rings

log = logging.getLogger("sigap.telephony")
LOOK_S = 1.0
PHONES_S = 5.0
DEFAULTS = {name: known.default for name, known in PARAMETERS.items()}


class Control:
    """All calls of one Asterisk."""

    app = APP

    def __init__(
        self,
        ari: Ari,
        link: Link,
        voice: Voice,
        *,
        folder: Path,
        incoming: Path,
        trunk: str = "",
        beyond: str = "",
        write_phones: Callable[[], bool] = lambda: False,
    ) -> None:
        """`folder` is Asterisk's (see `config`); recordings go to `incoming`. `trunk` carries our
        own calls, `beyond` is the second centre as Asterisk dials it.
        `write_phones` brings the file of people's telephones up to date and says whether it is
        another; it may wait for the database."""
        self.ari, self.link, self.voice = ari, link, voice
        self.sounds = folder / "sounds" / "id" / "sigap"
        self.spool = folder / "spool" / "recording"
        self.incoming = incoming
        self.trunk, self.beyond, self._write_phones = trunk, beyond, write_phones
        self.loop = asyncio.get_running_loop()
        self.numbers = Numbers(dict(DEFAULTS))
        self.people: list[Person] = []
        self.calls: dict[str, Call] = {}  # by the channel of the caller
        self._known: dict[str, dict[str, Any]] = {}  # what the control room knows of calls
        self._told = asyncio.Event()  # it has said so, or has not in time
        self.alone = Alone(self, link)
        self._dialled: dict[str, tuple[str, str]] = {}  # channel: lost call, its return
        self._signed_in: dict[str, str] = {}  # telephone: the name that it gave itself
        self._look = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run until cancelled. The calls go on without us, until a new process finds them."""
        try:
            async with asyncio.TaskGroup() as group:
                for work in (
                    self.link.send,
                    self._follow_orders,
                    self._follow_asterisk,
                    self._follow_voice,
                    self._tend,
                    self._keep_phones,
                ):
                    group.create_task(work())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what Asterisk says ----------------------------------------------------------

    async def _follow_asterisk(self) -> None:
        async for event in self.ari.events():
            if event is None:
                self._start(self._recover())
            elif handle := getattr(self, f"_{event['type']}", None):
                try:
                    handle(event)
                except Exception:  # one event that is not understood must cost no other call
                    log.exception("an event of Asterisk: %s", event["type"])

    def _StasisStart(self, event: Event) -> None:  # noqa: N802 - Asterisk's own names
        channel, args = event["channel"], event["args"] or [""]
        if args[0] == "inbound" and channel["id"] not in self.calls:
            self.alone.come_in(channel["id"])
            call = self._add(channel["id"])
            self._start(call.run("presented", **_whence(channel)))
        elif args[0] == "alone":
            self.alone.come_in(channel["id"])
            self._start(self._recover())
        elif args[0] in ("leg", "party"):
            if call_ := self.calls.get(args[1]):
                call_.put("lifted" if args[0] == "leg" else "party_lifted", leg=channel["id"])
            else:
                self._start(self.ari.delete(f"channels/{channel['id']}"))
        elif args[0] == "lifted":
            self._start(self._send_by_the_line(channel["id"]))
        elif args[0] == "return" and channel["id"] in self._dialled:
            lost, name = self._dialled.pop(channel["id"])
            self._start(self._add(channel["id"], name).run("returned", lost=lost))

    def _ChannelDestroyed(self, event: Event) -> None:  # noqa: N802
        channel, cause = event["channel"]["id"], event.get("cause", 0)
        if call := self.calls.get(channel):
            call.put("gone")
        elif self.alone.gone(channel):
            pass
        elif channel in self._dialled:
            lost, _name = self._dialled.pop(channel)
            self.link.tell("unreached", lost, reason=CAUSES.get(cause, "failed"))
        elif (owner := self.calls.get(owner_of(channel))) and part_of(channel) in ("leg", "party"):
            name = event["channel"]["name"]
            owner.put("leg_gone", leg=channel, cause=cause, desk=f"{DESK}-" in name)

    def _StasisEnd(self, event: Event) -> None:  # noqa: N802
        if call := self.calls.get(event["channel"]["id"]):
            call.put("gone")

    def _Dial(self, event: Event) -> None:  # noqa: N802
        if event["dialstatus"] == "ANSWER" and "caller" in event:
            self.alone.lifted(event["caller"]["id"], event["peer"]["name"])

    def _ChannelDtmfReceived(self, event: Event) -> None:  # noqa: N802
        if call := self.calls.get(event["channel"]["id"]):
            call.put("key", key=event["digit"])

    def _PlaybackFinished(self, event: Event) -> None:  # noqa: N802
        playback = event["playback"]
        if call := self.calls.get(playback["target_uri"].removeprefix("channel:")):
            failed = playback["state"] == "failed"
            call.put("played", playback=playback["id"], failed=failed)

    def _ContactStatusChange(self, event: Event) -> None:  # noqa: N802
        """A browser's telephone that signs in by another name was loaded anew: it knows nothing
        of the calls that it had, which would go on without a sound."""
        contact = event["contact_info"]
        phone, name = contact["aor"], contact["uri"].partition("@")[0]
        if contact["contact_status"] == "Removed" or phone.endswith(DESK):
            return
        before, self._signed_in[phone] = self._signed_in.get(phone), name
        if before and before != name:
            for channel in event["endpoint"]["channel_ids"]:
                self._start(self.ari.delete(f"channels/{channel}"))

    async def _watch_telephones(self) -> None:
        """Have Asterisk tell when a telephone signs in."""
        for phone in {person.phone for person in self.people} - self._signed_in.keys():
            with suppress(Gone, Unreachable):
                await self._watch(f"endpoint:PJSIP/{phone}")
                self._signed_in.setdefault(phone, "")

    async def _watch(self, source: str) -> None:
        """Have Asterisk tell what happens to something."""
        await self.ari.post(f"applications/{self.app}/subscription", eventSource=source)

    # --- what the control room orders ------------------------------------------------

    async def _follow_orders(self) -> None:
        async for order in self.link.orders():
            if order is None:
                self._look.set()
            elif order["do"] in ("state", "people"):
                self._learn(order)
            elif order["do"] == "dial":
                self._start(self._dial(order))
            elif call := self._named(order["call"]):
                self._give(call, order)
            elif order["do"] == "connect":
                self.alone.refuse(order["call"])

    def _give(self, call: Call, order: Order) -> None:
        what = order["do"]
        if what == "greet":
            if not call.greeting.done():
                call.greeting.set_result(order)
        elif what in ("invite", "drop"):
            call.put(what, order=order)
        elif what in ("connect", "resume"):
            call.put(what, person=self.person(order["operator"], order["phone"]))
        else:
            call.put(what)

    def _learn(self, order: Order) -> None:
        """The people and the numbers; and of a whole state, the calls."""
        self.numbers = Numbers(DEFAULTS | order["numbers"])
        self.people = [Person(**person) for person in order["operators"]]
        self._start(self._watch_telephones())
        if order["do"] == "state":
            self._known = {call["call"]: call for call in order["calls"]}
            self._told.set()
            for call in self.calls.values():
                if known := self._known.get(call.name):
                    call.put("parties", known=known.get("parties", []))
            for name in self._known.keys() - {call.name for call in self.calls.values()}:
                if self.ari.alive:
                    self._start(self._end_unless_there(name))
        self._look.set()

    async def _end_unless_there(self, name: str) -> None:
        """The control room has a call open that we know nothing of: it is over, unless it is
        still being found."""
        await asyncio.sleep(LOOK_S)
        if self._named(name) is None and name not in self.alone and self.ari.alive:
            self.link.tell("ended", name, reason="lost")

    def person(self, operator: str, phone: str) -> Person:
        """Whoever has this name, or somebody with this telephone."""
        known = (p for p in self.people if p.operator == operator)
        return next(known, Person(operator, phone, "call_taker", free=True))

    def whose(self, phone: str) -> str:
        """The name of whoever has this telephone; empty for nobody here."""
        return next((p.operator for p in self.people if p.phone == phone), "")

    async def _dial(self, order: Order) -> None:
        """Ring the caller of a lost call."""
        name, number = order["as"], order["number"]
        local = "0" + number[3:] if number.startswith("+62") else number
        self._dialled[name] = (order["call"], name)
        try:
            if not self.trunk:
                raise Gone("no trunk")
            await self.ari.post(
                "channels",
                {"variables": {"SIGAP_CALL": name, "SIGAP_PART": "caller"}},
                endpoint=f"PJSIP/{local}@{self.trunk}",
                app=APP,
                appArgs="lifted",
                channelId=name,
                timeout=30,
            )
        except (Gone, Unreachable):
            self._dialled.pop(name, None)
            self.link.tell("unreached", order["call"], reason="failed")

    async def _send_by_the_line(self, channel: str) -> None:
        """To where calls begin to be recorded; from there it comes back as "return"."""
        with suppress(Gone, Unreachable):
            where = {"context": LINE, "extension": "return", "priority": 1}
            await self.ari.post(f"channels/{channel}/continue", **where)

    # --- the queue -------------------------------------------------------------------

    def queue_changed(self) -> None:
        """Somebody waits, or waits no more."""
        self._look.set()

    async def _tend(self) -> None:
        """See to it that telephones ring for who waits, and that they hear so."""
        told: tuple[bool, ...] = ()
        while True:
            there = (self.ari.alive, self.link.alive, self.voice.healthy)
            if there != told:
                told = there
                log.warning("there now: Asterisk %s, control room %s, voice detector %s", *there)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            self._ring()
            for call in self.calls.values():
                broken = call.ears.broken()
                if broken:
                    call.put("deaf" if broken == "no_voice_detector" else "hear")
                elif call.gate.state == "silent" and call.mail.empty():
                    call.put("listen")

    def _ring(self) -> None:
        by_name = {call.name: call for call in self.calls.values()}
        queue = in_order(w for call in self.calls.values() if (w := call.waits()))
        rung: set[str] = set()
        for place, waiting in enumerate(queue, start=1):
            call, waited = by_name[waiting.call], time.monotonic() - waiting.since
            people = who_rings(waited, self.people, self.numbers, is_room_there=self.link.alive)
            # A telephone rings for one caller at a time, the first of the queue.
            people = [p for p in people if p.phone not in rung]
            rung |= {p.phone for p in people}
            beyond = self.beyond if is_beyond(waited, self.numbers) else ""
            if people or beyond or call.legs:
                call.put("ring", people=people, beyond=beyond)
            call.put("comfort", place=place)

    async def _keep_phones(self) -> None:
        """Who is hired has a telephone within seconds; who is let go has none."""
        while True:
            await asyncio.sleep(PHONES_S)
            try:
                changed = await asyncio.to_thread(self._write_phones)
                if changed:
                    for module in ("res_pjsip.so", "pbx_config.so"):
                        await self.ari.put(f"asterisk/modules/{module}")
            except Exception as error:  # calls go on without news of people
                log.warning("telephones are not up to date: %s", type(error).__name__)

    async def reachable(self, person: Person) -> str:
        """The telephone by which somebody can be reached: in the browser, else on the desk."""
        for phone in (person.phone, person.phone + DESK):
            try:
                endpoint = await self.ari.get(f"endpoints/PJSIP/{phone}")
            except (Gone, Unreachable):
                continue
            if endpoint["state"] == "online":
                return phone
        return ""

    def has_sound(self, name: str) -> bool:
        """Whether there is a file to play under this name."""
        return any(self.sounds.glob(f"{name}.*"))

    def shown_number(self) -> str:
        """The number that operators' telephones show: the caller's own is on the screen."""
        return "112"

    # --- recovery --------------------------------------------------------------------

    async def _recover(self) -> None:
        """Find the calls that are there, and end those that are not."""
        self._signed_in.clear()
        await self._watch_telephones()
        try:
            channels = await self.ari.get("channels")
        except (Gone, Unreachable):
            return
        there = {channel["id"]: channel for channel in channels}
        for call in list(self.calls.values()):
            if call.channel not in there:
                call.put("gone")
            for leg in {*call.legs, call.leg} - there.keys() - {""}:
                call.put("leg_gone", leg=leg, cause=0, desk=False)
        callers = [
            c
            for c in channels
            if c.get("channelvars", {}).get("SIGAP_PART") == "caller" and c["id"] not in self.calls
        ]
        if self.link.alive or callers:
            try:
                async with asyncio.timeout(2 * LOOK_S):
                    await self._told.wait()
            except TimeoutError:
                log.warning("the control room has not said what it knows")
        for old in there:
            if part_of(old) in ("tap", "spy") and owner_of(old) not in self.calls:
                await self.ari.delete(f"channels/{old}")
        for channel in callers:
            name = channel["id"]
            if name in self.calls:
                continue
            with suppress(Gone, Unreachable):  # it may have come while nobody was here
                await self._watch(f"channel:{name}")
            known = self._known.get(name, {})
            if channel["dialplan"]["app_name"] != "Stasis":
                self.alone.find(name, channels, **({} if known else _whence(channel)))
                continue
            leg, person = self._leg_of(name, channels)
            call = self._add(name, name)
            parties = self._parties_of(name, channels)
            found = {"known": known, "leg": leg, "person": person, "parties": parties}
            self._start(call.run("recovered", **found, **_whence(channel)))
        self._hand_over_old()

    def _leg_of(self, channel: str, channels: list[dict[str, Any]]) -> tuple[str, Person | None]:
        """The telephone that talks with this caller."""
        for other in channels:
            facts = other.get("channelvars", {})
            mine = facts.get("SIGAP_CALL") == channel
            if mine and facts.get("SIGAP_PART", "").startswith("leg:"):
                if other["state"] == "Up":
                    _leg, operator, phone = facts["SIGAP_PART"].split(":")
                    return other["id"], self.person(operator, phone)
                self._start(self.ari.delete(f"channels/{other['id']}"))
        return "", None

    def _parties_of(self, channel: str, channels: list[dict[str, Any]]) -> dict[int, str]:
        """The channels of whoever else is on this line."""
        found = {}
        for other in channels:
            facts = other.get("channelvars", {})
            part, _colon, pk = facts.get("SIGAP_PART", "").partition(":")
            if facts.get("SIGAP_CALL") == channel and part == "party":
                if other["state"] == "Up":
                    found[int(pk)] = other["id"]
                else:
                    self._start(self.ari.delete(f"channels/{other['id']}"))
        return found

    def _hand_over_old(self) -> None:
        """Recordings that a process before us left behind."""
        for name in recorded(self.spool, "*_*"):
            call = name.rpartition("_")[0]
            if self._named(call) is None and hand_over(name, self.spool, self.incoming):
                self.link.tell("recorded", call, file=name)

    # --- calls -----------------------------------------------------------------------

    def _add(self, channel: str, name: str = "") -> Call:
        call = self.calls[channel] = Call(self, channel, name)
        return call

    def forget(self, call: Call) -> None:
        """The call is over."""
        self.calls.pop(call.channel, None)
        self._look.set()

    def _named(self, name: str) -> Call | None:
        if call := self.calls.get(name):
            return call
        return next((c for c in self.calls.values() if c.name == name), None)

    async def _follow_voice(self) -> None:
        async for name, heard in self.voice.heard():
            if call := self._named(name):
                call.put("heard", what=heard.what)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _whence(channel: dict[str, Any]) -> dict[str, str]:
    """The caller's number, empty where it is withheld, and the line that it came in on."""
    number: str = channel["caller"]["number"]
    hidden = number.lower() in ("anonymous", "restricted", "unknown", "unavailable")
    trunk = channel["name"].removeprefix("PJSIP/").rpartition("-")[0]
    return {"number": "" if hidden else number, "trunk": trunk}
