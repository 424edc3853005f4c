"""Photos and voice notes on their way from a citizen's form to a complaint."""

from dataclasses import dataclass, field

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from sigap.complaints.actions import attach_file, store
from sigap.complaints.files import KEPT, File, checked
from sigap.complaints.models import Attachment
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.vault import Unreadable
from sigap.core.web import Request, was_too_much

MOST = 6  # at once
SALT = "public.upload"
FRESH_S = 24 * 3600  # how long a form may stay open


@dataclass(frozen=True)
class Upload:
    """A file that is on the disk already, and not yet part of a complaint."""

    file: File
    name: str

    @property
    def token(self) -> str:
        """By which the form finds it again: an error elsewhere must cost nobody their photo, and
        a form cannot be filled with files by the server."""
        parts = [self.name, self.file.kind, self.file.mime, self.file.digest]
        return signing.dumps(parts, salt=SALT)


@dataclass
class Uploads:
    """What came with a form, and what of it cannot be taken."""

    files: list[Upload] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, complaint_id: int, *, actor: Actor) -> None:
        """Make them part of a complaint. Part of a command."""
        for upload in self.files:
            attach_file(complaint_id, upload.file, upload.name, actor=actor)


def uploads_of(request: Request) -> Uploads:
    """The files of a form: those that came before, and those that come with it."""
    found = Uploads()
    for token in request.POST.getlist("kept")[:MOST]:
        if upload := _again(token):
            found.files.append(upload)
        else:
            found.errors.append(_("A photo that was sent before is gone. Choose it again."))
    if was_too_much(request):
        found.errors.append(
            _(
                "The photos are too large together (more than 25 MB), so none was taken. What you "
                "typed is still here: choose fewer or smaller photos and send again."
            )
        )
        return found
    given = [*request.FILES.getlist("photos"), *request.FILES.getlist("sound")]
    for one in given:
        _take(one, found)
    return found


def _take(given: UploadedFile, found: Uploads) -> None:
    name = _short(given.name or "")
    if len(found.files) >= MOST:
        found.errors.append(_("%(name)s: no more than %(most)d files at once.") % _of(name))
        return
    try:
        file = checked(given.read())
    except SigapError as error:
        found.errors.append(f"{name}: {error}")
        return
    found.files.append(Upload(file, store(file)))


def _again(token: str) -> Upload | None:
    try:
        name, kind, mime, digest = signing.loads(token, salt=SALT, max_age=FRESH_S)
        file = File(kind, mime, KEPT.read(name, digest))
    except (signing.BadSignature, Unreadable, ValueError):
        return None
    # Back in the browser the same form may be sent for another report: a file belongs to one.
    taken = Attachment.objects.filter(name=name).exists()
    return Upload(file, store(file) if taken else name)


def _of(name: str) -> dict[str, object]:
    return {"name": name, "most": MOST}


def _short(name: str) -> str:
    """A file's name as an error shows it."""
    return "".join(letter for letter in name if letter.isprintable())[-40:] or _("A file")
