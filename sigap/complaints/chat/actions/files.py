"""Files that came with messages: noted once they are on the disk, then part of their report."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.rows import row, write
from sigap.core.transaction import savepoint, transaction

from ...actions import attach_file
from ...files import File
from ..models import ChatMessage


def note_stored(message_id: int, file: File, name: str, *, actor: Actor) -> None:
    """The file of a message is on the disk under this name."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is None or message.file_state != "waiting":
            return
        message.file_state, message.file, message.digest = "stored", name, file.digest
        message.due_at, message.error = None, ""
        write(message, "file_state", "file", "digest", "due_at", "error")


def refuse_file(message_id: int, reason: str, *, actor: Actor) -> None:
    """The file of a message is not kept, for this reason; the desk sees that there was one."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is not None:
            message.file_state, message.error, message.due_at = "refused", reason[:20], None
            write(message, "file_state", "error", "due_at")


def fetch_later(message_id: int, seconds: float, *, actor: Actor) -> None:
    """The file could not be fetched just now."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is not None:
            message.tries += 1
            message.due_at = clock.now() + timedelta(seconds=seconds)
            write(message, "tries", "due_at")


def attach_stored(message_id: int, file: File, *, actor: Actor) -> None:
    """A stored file becomes part of the report that its message belongs to."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is None or message.complaint_id is None or message.file_state != "stored":
            return
        try:
            with savepoint():
                attach_file(message.complaint_id, file, message.file, actor=actor)
            message.file_state = "attached"
        except SigapError as error:
            message.file_state, message.error = "refused", error.code[:20]
        write(message, "file_state", "error")
