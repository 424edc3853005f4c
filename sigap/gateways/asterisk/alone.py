"""Callers who came while nobody was here to take them: Asterisk rings every telephone for them.

It does so past us (`alone` in the dialplan), so we can neither hold nor connect them. We see who
talks and who hangs up; and whom nobody has answered by then Asterisk gives to us.
"""

from typing import TYPE_CHECKING, Any

from .config import DESK
from .link import Link

if TYPE_CHECKING:
    from .control import Control

PART = "alone"  # the telephones that Asterisk rings by itself


class Alone:
    """All of them."""

    def __init__(self, control: "Control", link: Link) -> None:
        self._control, self._link = control, link
        self._callers: set[str] = set()

    def __contains__(self, caller: str) -> bool:
        return caller in self._callers

    def find(self, caller: str, channels: list[dict[str, Any]], **told: str) -> None:
        """Our process is new, and this caller is there. `told` is empty for a call that the
        control room knows."""
        if caller in self._callers:
            return
        self._callers.add(caller)
        if told:
            self._link.tell("presented", caller, **told)
        for other in channels:
            facts = other.get("channelvars", {})
            rings = facts.get("SIGAP_CALL") == caller and facts.get("SIGAP_PART") == PART
            if rings and other["state"] == "Up":
                self.lifted(caller, other["name"])

    def lifted(self, caller: str, telephone: str) -> None:
        """A telephone, by its channel's name, has taken a call of these."""
        if caller in self._callers:
            phone = telephone.removeprefix("PJSIP/").rpartition("-")[0].removesuffix(DESK)
            self._link.tell("answered", caller, operator=self._control.whose(phone))

    def gone(self, caller: str) -> bool:
        """A channel has gone; whether it was one of these callers."""
        mine = caller in self._callers
        if mine:
            self._callers.remove(caller)
            self._link.tell("ended", caller)
        return mine

    def come_in(self, caller: str) -> None:
        """Nobody has answered so far, and from now on the caller is ours."""
        self._callers.discard(caller)

    def refuse(self, caller: str) -> None:
        """An operator wants to talk with one of these, who is not ours to give yet."""
        if caller in self._callers:
            self._link.tell("refused", caller, reason="absent")
