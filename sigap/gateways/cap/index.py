"""An index of CAP messages, RSS or Atom: the addresses that it leads to. Pure."""

from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from .parse import BadCap

ATOM = "{http://www.w3.org/2005/Atom}"
CAP_TYPE = "application/cap+xml"
MOST_LINKS = 2000
LONGEST = 500


def links_of(root: Element, base: str) -> list[str]:
    """Where an index leads to, in its order, each once. Raises BadCap for what is no index."""
    if root.tag == f"{ATOM}feed":
        found = [_of_entry(entry) for entry in root.findall(f"{ATOM}entry")]
    elif root.tag == "rss":
        found = [(item.findtext("link") or "").strip() for item in root.iter("item")]
    else:
        raise BadCap("not_cap")
    links = [_joined(base, link) for link in found if link]
    return [link for link in dict.fromkeys(links) if link][:MOST_LINKS]


def _of_entry(entry: Element) -> str:
    """The link to the message; where several lead on, the one that says that it is CAP."""
    links = [e for e in entry.findall(f"{ATOM}link") if e.get("rel", "alternate") == "alternate"]
    links.sort(key=lambda e: e.get("type") != CAP_TYPE)
    return (links[0].get("href") or "").strip() if links else ""


def _joined(base: str, link: str) -> str:
    try:
        whole = urljoin(base, link)
    except ValueError:
        return ""
    return whole if len(whole) <= LONGEST else ""
