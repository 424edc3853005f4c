"""Finding what is there, after our process, Asterisk or the control room was away.

Asterisk has the channels, the control room the states of calls, and we what goes on between them.
Here the three come to agree: what we missed is made up for, and what is gone is told.
"""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .ari import Gone, Unreachable
from .parts import hand_over, owner_of, part_of, recorded
from .ringing import Person

if TYPE_CHECKING:
    from .control import Control

log = logging.getLogger("sigap.telephony")
Channel = dict[str, Any]
AGAIN_S, PATIENCE_S = 0.5, 5.0
# Of these the control room expects that a caller is on the line.
ON_THE_LINE = ("presented", "screening", "queued", "set_aside", "answered", "held")


class Recovery:
    """What is known of all calls, and how far they are found."""

    def __init__(self, control: "Control") -> None:
        self._control, self._ari = control, control.ari
        self._known: dict[str, dict[str, Any]] = {}  # by the name of the call
        self._told, self._found = asyncio.Event(), asyncio.Event()

    def learn(self, calls: list[dict[str, Any]]) -> None:
        """How the control room sees its calls now, those closed just before among them."""
        self._known = {call["call"]: call for call in calls}
        self._told.set()
        if self._found.is_set():
            self._agree()

    async def ready(self) -> None:
        """Wait until the calls are found; not for long, and not for an Asterisk that is away."""
        if not self._ari.alive:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self._found.wait()

    async def find(self) -> None:
        """Find the calls that are there, and end those that are not."""
        self._found.clear()
        control = self._control
        channels = await self._channels()
        if channels is None:
            return
        there = {channel["id"]: channel for channel in channels}
        for call in list(control.calls.values()):
            if call.channel not in there:
                call.put("gone")
            for leg in call.telephones() - there.keys():
                call.put("leg_gone", leg=leg, cause=0, desk=False)
        # They ended with the process that listened.
        new = {c for c in there if owner_of(c) not in control.calls}
        old = [c for c in new if part_of(c) in ("tap", "spy")]
        callers = [c for c in channels if _facts(c).get("SIGAP_PART") == "caller"]
        callers = [c for c in callers if c["id"] not in control.calls]
        await self._hear_what_is_known(is_needed=control.link.alive or bool(callers))
        for caller in callers:
            if caller["id"] not in control.calls:
                self._take(caller, channels)
        self._found.set()
        self._agree()
        orphans = [c for c in there if owner_of(c) and owner_of(c) not in control.calls]
        for channel in {*old, *orphans}:
            await self._ari.delete(f"channels/{channel}")
        self._hand_over_old()

    async def _channels(self) -> list[Channel] | None:
        """All that Asterisk has; None when Asterisk has gone meanwhile."""
        while self._ari.alive:
            try:
                return await self._ari.get("channels")  # type: ignore[no-any-return]
            except (Gone, Unreachable) as error:
                log.warning("the calls cannot be listed: %s", error)
            # One whose description cannot be written must not hide all others.
            with suppress(Gone, Unreachable):
                mine = await self._ari.get(f"applications/{self._control.app}")
                return [c for name in mine["channel_ids"] if (c := await self._channel(name))]
            await asyncio.sleep(AGAIN_S)
        return None

    async def _channel(self, name: str) -> Channel | None:
        try:
            return await self._ari.get(f"channels/{name}")  # type: ignore[no-any-return]
        except (Gone, Unreachable):
            return None

    async def _hear_what_is_known(self, *, is_needed: bool) -> None:
        """What the control room knows now, not what it knew when it was asked last."""
        self._known = {}
        if not is_needed:
            return
        self._told.clear()
        self._control.link.ask_anew()
        try:
            async with asyncio.timeout(PATIENCE_S / 2):
                await self._told.wait()
        except TimeoutError:
            log.warning("the control room has not said what it knows")

    def _take(self, channel: Channel, channels: list[Channel]) -> None:
        """A caller is there of whom this process has not heard."""
        control, name = self._control, channel["id"]
        control.start(self._watch(name))  # it may have come while nobody was here
        known, lost = self._known.get(name, {}), _facts(channel).get("SIGAP_RETURNS", "")
        if lost and channel["state"] != "Up":
            control.dialled[name] = lost
        elif channel["dialplan"]["app_name"] != "Stasis":
            if not lost:
                control.alone.find(name, channels, **({} if known else whence(channel)))
        elif lost and not known:
            control.start(control.add(name).run("returned", lost=lost))
        else:
            leg, person = self._leg_of(name, channels)
            parties = self._parties_of(name, channels)
            found = {"known": known, "leg": leg, "person": person, "parties": parties}
            control.start(control.add(name).run("recovered", **found, **whence(channel)))

    async def _watch(self, channel: str) -> None:
        """Hear of this caller from now on; and whether they have hung up until now."""
        with suppress(Unreachable):
            try:
                await self._control.watch(f"channel:{channel}")
                await self._ari.get(f"channels/{channel}")
            except Gone:
                self._control.gone(channel)

    def _leg_of(self, channel: str, channels: list[Channel]) -> tuple[str, Person | None]:
        """The telephone that talks with this caller."""
        for other in self._of(channel, channels):
            part, _colon, whose = _facts(other)["SIGAP_PART"].partition(":")
            if part == "leg":
                operator, _colon, phone = whose.partition(":")
                return other["id"], self._control.person(operator, phone)
        return "", None

    def _parties_of(self, channel: str, channels: list[Channel]) -> dict[int, tuple[str, str]]:
        """The channels of whoever else is on this line, and how they take part."""
        found = {}
        for other in self._of(channel, channels):
            part, _colon, which = _facts(other)["SIGAP_PART"].partition(":")
            if part == "party":
                pk, _colon, how = which.partition(":")
                found[int(pk)] = (other["id"], how)
        return found

    def _of(self, channel: str, channels: list[Channel]) -> list[Channel]:
        """The telephones that are lifted for this caller; those that only ring end."""
        mine = [c for c in channels if _facts(c).get("SIGAP_CALL") == channel != c["id"]]
        mine = [c for c in mine if _facts(c).get("SIGAP_PART")]
        for other in mine:
            if other["state"] != "Up":
                self._control.start(self._ari.delete(f"channels/{other['id']}"))
        return [c for c in mine if c["state"] == "Up"]

    def _agree(self) -> None:
        """Let each call learn how the control room sees it; what is nowhere is over."""
        control = self._control
        for call in control.calls.values():
            if known := self._known.get(call.channel):
                call.put("known", known=known)
        for name, known in self._known.items():
            is_there = name in control.calls or name in control.alone
            if known["state"] in ON_THE_LINE and not is_there and self._ari.alive:
                control.link.tell("ended", name, reason="lost")

    def _hand_over_old(self) -> None:
        """Recordings that a process before us left behind."""
        control = self._control
        for name in recorded(control.spool, "*_*"):
            call = name.rpartition("_")[0]
            if call not in control.calls and hand_over(name, control.spool, control.incoming):
                control.link.tell("recorded", call, file=name)


def whence(channel: Channel) -> dict[str, str]:
    """The caller's number, empty where it is withheld, and the line that it came in on."""
    number: str = channel["caller"]["number"]
    hidden = number.lower() in ("anonymous", "restricted", "unknown", "unavailable")
    trunk = channel["name"].removeprefix("PJSIP/").rpartition("-")[0]
    return {"number": "" if hidden else number, "trunk": trunk}


def _facts(channel: Channel) -> dict[str, str]:
    return channel.get("channelvars") or {}
