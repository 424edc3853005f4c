"""What really goes over the line to a neighbouring centre, and comes from it."""

import json
from collections.abc import Callable, Iterator

import pytest

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Inbox
from sigap.gateways.eido.compose import compose
from sigap.gateways.eido.sender import exchange
from sigap.incidents.actions import add_note, open_incident
from sigap.neighbours import actions
from sigap.neighbours.models import Centre, Handover, Parcel, Share
from sigap.neighbours.queries import record_of
from sigap.neighbours.record import Record
from sim.neighbour import Neighbour, faults_of

from ..rules.test_eido import FULL
from .neighbouring import SECRETS, agreed, arrives

TIMER = system("timer")


@pytest.fixture
def far() -> Iterator[Neighbour]:
    """Kabupaten Kediri's own system."""
    with Neighbour(
        expects=SECRETS["secret_out"], speaks=SECRETS["secret_in"], now=clock.now
    ) as centre:
        agreed(url=centre.url)
        yield centre


@pytest.fixture
def offer(answered: Callable[..., Call], actor: Callable[[str], Actor]) -> Callable[..., Handover]:
    def offered(number: str = "081233451190") -> Handover:
        told = FULL.model_copy(update={"sender": "kediri"})
        parts = ["place", "address", "words", "number", "units", "positions", "notes"]
        call = answered(number)
        return actions.hand_over(
            told, "kab_kediri", ["state", *parts], call_id=call.pk, actor=actor("call_taker")
        )

    return offered


def test_what_arrives_is_an_eido_with_all_that_it_must_have(
    far: Neighbour, offer: Callable[..., Handover]
) -> None:
    row = offer()
    assert exchange(actor=TIMER) == 1
    assert far.faults == []
    [document] = far.records
    assert document["$id"] == row.reference
    row.refresh_from_db()
    assert row.delivered_at == clock.now()
    assert exchange(actor=TIMER) == 0


def test_every_part_alone_is_in_order_too() -> None:
    assert faults_of(compose(Record(id="x", sender="kediri", updated_at=clock.now()))) == []
    assert faults_of(compose(FULL)) == []
    assert faults_of({"$id": "x"}) != []


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 302])
def test_it_is_sent_until_it_arrives_and_arrives_once(
    status: int, far: Neighbour, offer: Callable[..., Handover], time: clock.Frozen
) -> None:
    offer()
    far.status = status
    exchange(actor=TIMER)
    assert exchange(actor=TIMER) == 0  # not before its time
    assert Parcel.objects.get().error == f"http_{status}"
    assert Centre.objects.get(code="kab_kediri").fault == f"http_{status}"
    far.status = 202
    time.forward(2)
    assert exchange(actor=TIMER) == 1
    assert len(far.records) == 1
    assert Centre.objects.get(code="kab_kediri").fault == ""


def test_what_was_written_first_arrives_first(
    far: Neighbour,
    offer: Callable[..., Handover],
    actor: Callable[[str], Actor],
    time: clock.Frozen,
) -> None:
    far.status = 503
    row = offer()
    exchange(actor=TIMER)
    actions.withdraw_handover(row.pk, actor=actor("call_taker"))
    exchange(actor=TIMER)
    assert far.records == far.notes == []
    far.status = 202
    time.forward(2)
    assert exchange(actor=TIMER) == 2
    assert [note["note"] for note in far.notes] == ["withdrawn"] and len(far.records) == 1


def test_a_lost_answer_is_no_second_document(
    far: Neighbour, offer: Callable[..., Handover], time: clock.Frozen
) -> None:
    """The same bytes are sent again, so that the other side knows them."""
    offer()
    exchange(actor=TIMER)
    Parcel.objects.update(due_at=clock.now(), sent_at=None)
    time.forward(60)
    exchange(actor=TIMER)
    assert len(far.bodies) == 1


def test_a_centre_that_is_not_there_holds_up_nobody_else(
    far: Neighbour,
    offer: Callable[..., Handover],
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
) -> None:
    actions.define_centre(
        Centre,
        key={"code": "blitar"},
        name="112 Blitar",
        name_en="112 Blitar",
        area="Blitar",
        url="http://127.0.0.1:9",
        actor=system("setup"),
        **SECRETS,
    )
    call = answered("081200000009")
    actions.hand_over(Record(), "blitar", ["state"], call_id=call.pk, actor=actor("call_taker"))
    offer()
    assert exchange(actor=TIMER) == 1
    assert len(far.records) == 1
    assert Centre.objects.get(code="blitar").fault == "no_connection"


def test_a_shared_record_is_fetched_by_the_worker_when_somebody_asks(
    far: Neighbour, actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    offer = {"note": "share_offer", "reference": "share-7", "parts": ["state"], "hours": 1}
    arrives(offer)
    row = Share.objects.get()
    actions.answer_share(row.pk, accepted=True, actor=actor("supervisor"))
    exchange(actor=TIMER)  # our answer is not understood there yet
    time.forward(1)
    far.shared["share-7"] = compose(Record(id="share-7", status="Siaga", updated_at=clock.now()))
    exchange(actor=TIMER)
    told = record_of(row)
    assert told is not None and told.status == "Siaga"
    assert exchange(actor=TIMER) == 0  # only when somebody wants it
    time.forward(60)
    far.shared["share-7"] = ["no EIDO"]
    actions.want_share(row.pk, actor=actor("dispatcher"))
    exchange(actor=TIMER)
    row.refresh_from_db()
    assert row.fault == "unreadable" and record_of(row) == told
    del far.shared["share-7"]
    actions.want_share(row.pk, actor=actor("dispatcher"))
    exchange(actor=TIMER)
    row.refresh_from_db()
    assert row.fault == "http_404"


def test_nothing_secret_or_personal_is_sent_that_was_not_chosen(
    far: Neighbour, actor: Callable[[str], Actor]
) -> None:
    incident = open_incident(
        "kecelakaan_lalin", address="Jl. Melati 7", reporter="Bu Kenari", actor=actor("dispatcher")
    )
    add_note(incident.pk, "Pelat AG 1234", actor=actor("dispatcher"))
    from sigap.neighbours.queries import record_of_incident

    told = record_of_incident(incident, reference="")
    actions.hand_over(
        told, "kab_kediri", ["state"], incident_id=incident.pk, actor=actor("dispatcher")
    )
    exchange(actor=TIMER)
    sent = far.bodies[0].decode()
    for word in ("Melati", "Kenari", "1234", *SECRETS.values()):
        assert word not in sent


def test_the_simulator_and_the_product_sign_alike(far: Neighbour) -> None:
    from sigap.gateways.eido.door import who_sent

    body = json.dumps({"a": "é"}).encode()
    headers = {k.lower(): v for k, v in far.sign(body, "kab_kediri").items()}
    assert who_sent(headers, body, clock.now()) == "kab_kediri"
    assert not Inbox.objects.exists()
