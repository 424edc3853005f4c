"""Papers are set as tagged PDF, whenever they are made."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.typeset import typeset

LAYOUT = b'#set document(title: sys.inputs.title)\n#set text(lang: "id")\n= #sys.inputs.title'


def test_a_paper_is_made_at_any_moment_and_is_the_same_within_a_second() -> None:
    made = clock.now().replace(microsecond=0)
    papers = [
        typeset(LAYOUT, {"title": "Laporan"}, made=made + timedelta(microseconds=us))
        for us in (0, 1, 999_999)
    ]
    assert b"StructTreeRoot" in papers[0]
    assert len(set(papers)) == 1
