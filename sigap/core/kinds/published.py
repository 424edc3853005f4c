"""What journal rows about published figures carry."""

from ..codes import Code
from .body import Body


class EditionPublished(Body):
    """The figures of a month are public, and stay as they are: which month, and their SHA-256."""

    month: Code
    digest: Code


PUBLISHED_KINDS: dict[str, type[Body]] = {"edition.published": EditionPublished}
