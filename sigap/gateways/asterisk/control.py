"""The process between Asterisk and the control room.

It holds no state that cannot be found again: which channels are there, Asterisk knows; what became
of a call, the control room knows. So it may be killed at any time, and so may either of them.
"""

import asyncio
import logging
import re
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
from .parts import owner_of, part_of
from .recovery import Recovery, whence
from .ringing import CAUSES, Person, in_order, is_beyond, who_rings
from .watch import Watch

log = logging.getLogger("sigap.telephony")
LOOK_S = 1.0
PHONES_S = 5.0
PHONE = re.compile(rf"op[0-9]+({DESK})?")  # of people here, see `phones.endpoint_of`
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
        self.alone = Alone(self, link)
        self.dialled: dict[str, str] = {}  # channels that ring: the lost call that each returns
        self._signed_in: dict[str, str] = {}  # telephone: the name that it gave itself
        self._online: list[Person] = []  # where nobody has told of people: telephones
        self.recovery = Recovery(self)
        self._watch = Watch(self, folder)
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
                    self._watch.run,
                ):
                    group.create_task(work())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what Asterisk says ----------------------------------------------------------

    async def _find(self) -> None:
        """The connection to Asterisk is new."""
        self._signed_in.clear()
        await self._watch_telephones()
        await self.recovery.find()

    async def _follow_asterisk(self) -> None:
        async for event in self.ari.events():
            if event is None:
                self.start(self._find())
            elif handle := getattr(self, f"_{event['type']}", None):
                try:
                    handle(event)
                except Exception:  # one event that is not understood must cost no other call
                    log.exception("an event of Asterisk: %s", event["type"])

    def _StasisStart(self, event: Event) -> None:  # noqa: N802 - Asterisk's own names
        channel, args = event["channel"], event["args"] or [""]
        if args[0] == "inbound" and channel["id"] not in self.calls:
            self.alone.come_in(channel["id"])
            self.start(self.add(channel["id"]).run("presented", **whence(channel)))
        elif args[0] == "alone":
            self.alone.come_in(channel["id"])
            self.start(self.recovery.find())
        elif args[0] in ("leg", "party"):
            if call_ := self.calls.get(args[1]):
                call_.put("lifted" if args[0] == "leg" else "party_lifted", leg=channel["id"])
            else:
                self.start(self.ari.delete(f"channels/{channel['id']}"))
        elif args[0] == "lifted":
            self.start(self._send_by_the_line(channel["id"]))
        elif args[0] == "return" and channel["id"] not in self.calls:
            self.dialled.pop(channel["id"], None)
            lost = channel["channelvars"]["SIGAP_RETURNS"]
            self.start(self.add(channel["id"]).run("returned", lost=lost))

    def _ChannelDestroyed(self, event: Event) -> None:  # noqa: N802
        channel, cause = event["channel"]["id"], event.get("cause", 0)
        if self.gone(channel):
            return
        if lost := self.dialled.pop(channel, ""):
            self.link.tell("unreached", lost, reason=CAUSES.get(cause, "failed"))
        elif (owner := self.calls.get(owner_of(channel))) and part_of(channel) in ("leg", "party"):
            name = event["channel"]["name"]
            owner.put("leg_gone", leg=channel, cause=cause, desk=f"{DESK}-" in name)

    def gone(self, channel: str) -> bool:
        """A channel is there no more; whether it was a caller's."""
        if call := self.calls.get(channel):
            call.put("gone")
            return True
        return self.alone.gone(channel)

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
                self.start(self.ari.delete(f"channels/{channel}"))

    async def _watch_telephones(self) -> None:
        """Have Asterisk tell when a telephone signs in."""
        for phone in {person.phone for person in self.people} - self._signed_in.keys():
            with suppress(Gone, Unreachable):
                await self.watch(f"endpoint:PJSIP/{phone}")
                self._signed_in.setdefault(phone, "")

    async def watch(self, source: str) -> None:
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
                self.start(self._dial(order))
            else:
                if order["call"] not in self.calls:  # it may be found in a moment
                    await self.recovery.ready()
                if call := self.calls.get(order["call"]):
                    self._give(call, order)
                elif order["do"] == "connect":
                    self.alone.refuse(order["call"])
                elif order["do"] == "invite":
                    party = {"party": order["party"], "reason": "absent"}
                    self.link.tell("party", order["call"], **party)

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
        self.start(self._watch_telephones())
        if order["do"] == "state":
            self.recovery.learn(order["calls"])
        self._look.set()

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
        self.dialled[name] = order["call"]
        facts = {"SIGAP_CALL": name, "SIGAP_PART": "caller", "SIGAP_RETURNS": order["call"]}
        try:
            if not self.trunk:
                raise Gone("no trunk")
            await self.ari.post(
                "channels",
                {"variables": facts},
                endpoint=f"PJSIP/{local}@{self.trunk}",
                app=APP,
                appArgs="lifted",
                channelId=name,
                timeout=30,
            )
        except (Gone, Unreachable):
            self.dialled.pop(name, None)
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
            there = (self.ari.alive, self.link.works, self.voice.healthy)
            if there != told:
                told = there
                log.warning("there now: Asterisk %s, control room %s, voice detector %s", *there)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._look.wait()
            except TimeoutError:
                pass
            self._look.clear()
            if not self.people:
                await self._find_telephones()
            self._ring()
            for call in self.calls.values():
                broken = call.ears.broken()
                if broken:
                    call.put("deaf" if broken == "no_voice_detector" else "hear")
                elif call.screening.is_silent() and call.mail.empty():
                    call.put("listen")

    def _ring(self) -> None:
        queue = in_order(w for call in self.calls.values() if (w := call.waits()))
        rung: set[str] = set()
        for place, waiting in enumerate(queue, start=1):
            call, waited = self.calls[waiting.call], time.monotonic() - waiting.since
            there = self.people or self._online
            people = who_rings(waited, there, self.numbers, is_room_there=self.link.works)
            # A telephone rings for one caller at a time, the first of the queue.
            people = [p for p in people if p.phone not in rung]
            rung |= {p.phone for p in people}
            beyond = self.beyond if is_beyond(waited, self.numbers) else ""
            if people or beyond or call.legs:
                call.put("ring", people=people, beyond=beyond)
            call.put("comfort", place=place)

    async def _find_telephones(self) -> None:
        """While nobody has told of people, every telephone that is there rings."""
        try:
            endpoints = await self.ari.get("endpoints/PJSIP")
        except (Gone, Unreachable):
            return
        there = {
            e["resource"].removesuffix(DESK)
            for e in endpoints
            if e["state"] == "online" and PHONE.fullmatch(e["resource"])
        }
        self._online = [Person("", phone, "call_taker", free=True) for phone in sorted(there)]

    async def _keep_phones(self) -> None:
        """Who is hired has a telephone within seconds; who is let go has none."""
        changed = False
        while True:
            await asyncio.sleep(PHONES_S)
            try:
                changed |= await asyncio.to_thread(self._write_phones)
                if changed:
                    for module in ("res_pjsip.so", "pbx_config.so"):
                        await self.ari.put(f"asterisk/modules/{module}")
                    changed = False
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

    # --- calls -----------------------------------------------------------------------

    def add(self, channel: str) -> Call:
        """One more caller."""
        call = self.calls[channel] = Call(self, channel)
        return call

    def forget(self, call: Call) -> None:
        """The call is over."""
        self.calls.pop(call.channel, None)
        self._look.set()

    async def _follow_voice(self) -> None:
        async for name, heard in self.voice.heard():
            if call := self.calls.get(name):
                call.put("heard", what=heard.what)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done beside all else."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
