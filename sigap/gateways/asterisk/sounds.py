"""What a caller hears from us: one prompt at a time, or the music of waiting."""

import time
from typing import TYPE_CHECKING

from .ari import Gone, Unreachable
from .parts import leg_id
from .prompts import NUMBERS

if TYPE_CHECKING:
    from .call import Call


class Sounds:
    """The sounds of one call. A prompt that is not there counts as one that failed."""

    def __init__(self, call: "Call") -> None:
        self._call, self._ari = call, call.ari
        self._playing = ""
        self._comforted = time.monotonic()

    async def play(self, name: str) -> None:
        """Begin a prompt; its end comes as `played`."""
        self._comforted = time.monotonic()
        playback = self._playing = leg_id(self._call.channel, "play")
        if not self._call.control.has_sound(name):
            self._call.put("played", playback=playback, failed=True)
            return
        where = f"channels/{self._call.channel}/play/{playback}"
        try:
            await self._ari.post(where, media=f"sound:sigap/{name}", lang="id")
        except (Gone, Unreachable):
            self._call.put("played", playback=playback, failed=True)

    async def comfort(self, place: int, every_s: float) -> None:
        """Tell who waits that somebody is coming, if they have heard nothing for so long."""
        if not self._playing and time.monotonic() - self._comforted >= every_s:
            await self.stop()
            await self.play(f"place-{place}" if place <= len(NUMBERS) else "still")

    def is_over(self, playback: str) -> bool:
        """Whether this was the prompt that plays, and plays no more."""
        mine = playback == self._playing
        if mine:
            self._playing = ""
        return mine

    async def stop(self) -> None:
        """Silence."""
        playing, self._playing = self._playing, ""
        if playing:
            await self._ari.delete(f"playbacks/{playing}")
        await self._ari.delete(f"channels/{self._call.channel}/moh")

    async def music(self) -> None:
        """The sound of a line that is open."""
        await self._ari.post(f"channels/{self._call.channel}/moh")
