"""A caller's audio as Asterisk's AudioSocket sends it: over a connection of its own, in order."""

import socket
import struct

HEAD = struct.Struct("!BH")  # a kind, and how many bytes follow
NAME, AUDIO = 0x01, 0x10  # a UUID; linear audio of 16 bits at 8 kHz, the lower byte first
NAME_BYTES = 16
MOST = 1 << 16  # bytes that are read at once


class Feed:
    """One connection. First comes its name; then audio, until it is closed."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.name = ""
        self.ended = False
        self._socket, self._rest = connection, b""

    def read_name(self) -> None:
        """Learn the name, if it is there by now. What begins with anything else has ended."""
        said = self._receive(HEAD.size + NAME_BYTES)
        if said[: HEAD.size] == HEAD.pack(NAME, NAME_BYTES) and len(said) == HEAD.size + NAME_BYTES:
            self.name = said[HEAD.size :].hex()
        elif said:
            self.close()

    def read(self) -> bytes:
        """The audio that has come since."""
        rest, found, at = self._rest, [], 0
        while came := self._receive(MOST):
            rest += came
            if len(came) < MOST:
                break
        while len(rest) >= at + HEAD.size:
            kind, length = HEAD.unpack_from(rest, at)
            end = at + HEAD.size + length
            if len(rest) < end:
                break
            if kind == AUDIO and length % 2 == 0:
                found.append(rest[at + HEAD.size : end])
            at = end
        self._rest = rest[at:]
        return b"".join(found)

    def close(self) -> None:
        """End it."""
        self.ended = True
        self._socket.close()

    def _receive(self, most: int) -> bytes:
        try:
            came = self._socket.recv(most)
        except BlockingIOError:
            return b""
        except OSError:
            came = b""
        if not came:
            self.close()
        return came
