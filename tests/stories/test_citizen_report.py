"""A report on the web: filed without a script, once, and with nothing lost on the way."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from sigap.complaints.files import KEPT
from sigap.complaints.models import Attachment, Complaint
from sigap.core.models import Contact, Deployment, Journal
from sigap.places.queries import city
from sigap.public import pace
from sigap.public.uploads import MOST
from sigap.public.views import report as page

KEY = "k" * 24
LIGHT = "Lampu jalan mati sejak Senin"
HERE = {"lat": "-7.8170", "lng": "112.0155"}
GPS = b"\x00\x00\x00\x01"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Files of their own, and nobody has come before."""
    changed = settings.ENV.model_copy(update={"data_dir": tmp_path})
    monkeypatch.setattr(settings, "ENV", changed)
    pace._counted.storage.reset()
    yield tmp_path
    pace._counted.storage.reset()


def picture(size: tuple[int, int] = (640, 480), kind: str = "JPEG", **more: Any) -> bytes:
    """A photo as a phone makes it, with where it was taken."""
    drawn = io.BytesIO()
    image = Image.new("RGB", size, (200, 120, 40))
    exif = image.getexif()
    exif[0x010F] = "PhoneOfSomebody"
    exif.get_ifd(0x8825)[2] = (7.0, 49.0, 1.0)
    image.save(drawn, kind, exif=exif, **more)
    return drawn.getvalue()


def photo(data: bytes | None = None, name: str = "foto.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if data is None else data, "image/jpeg")


def send(client: Client, **more: Any) -> Any:
    """Send the form as a browser does."""
    return client.post("/lapor", {"key": KEY, "what": LIGHT, "website": ""} | more)


def hidden(html: str, name: str) -> list[str]:
    """What the form carries along unseen."""
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', html)


# --- filing ---------------------------------------------------------------------------


def test_one_sentence_is_a_report_and_its_page_says_the_number(client: Client) -> None:
    answer = send(client)
    complaint = Complaint.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/lacak/{complaint.token}?baru=1"
    html = client.get(answer["Location"]).content.decode()
    assert complaint.number in html and f"/lacak/{complaint.token}" in html
    assert (complaint.channel, complaint.state, complaint.reporter) == ("web", "filed", None)


def test_all_that_the_form_asks_is_kept(client: Client) -> None:
    area = next(iter(city().areas))
    send(
        client,
        category="pju",
        area=area,
        place="Depan toko roti",
        asset="K-102",
        name="Bu Sri",
        phone="0812 3456 7890",
        anonymous="on",
        secret="on",
        **HERE,
    )
    one = Complaint.objects.select_related("area", "category", "address", "reporter_name").get()
    assert one.category and one.category.code == "pju" and one.asset == "K-102"
    assert one.area and one.area.code == area, "what somebody says counts before the map"
    assert (one.lat, one.lng, one.location_source) == (-7.817, 112.0155, "phone")
    assert one.address and one.address.body == "Depan toko roti"
    assert one.reporter_name and one.reporter_name.body == "Bu Sri"
    assert one.reporter_id == Contact.objects.get(number="+6281234567890").pk
    assert one.anonymous and one.secret


def test_a_code_on_the_post_fills_in_its_number(client: Client) -> None:
    html = client.get("/lapor?kategori=pju&tiang=K-102").content.decode()
    assert 'value="K-102"' in html and '<option value="pju" selected>' in html


def test_a_form_that_is_sent_twice_is_one_report_with_its_photo_once(client: Client) -> None:
    first, second = send(client, photos=photo()), send(client, photos=photo())
    assert first["Location"] == second["Location"]
    assert (Complaint.objects.count(), Attachment.objects.count()) == (1, 1)


def test_the_way_back_in_the_browser_with_other_words_is_another_report(client: Client) -> None:
    send(client)
    send(client, what="Jalan berlubang")
    assert Complaint.objects.count() == 2


def test_the_form_asks_the_database_little(client: Client) -> None:
    client.get("/lapor")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get("/lapor").status_code == 200
    assert len(asked) <= 3, [one["sql"] for one in asked]
    with CaptureQueriesContext(connection) as asked:
        send(client, category="pju", place="Jl. Dhoho", phone="081234567890")
    assert len(asked) <= 16, [one["sql"] for one in asked]


# --- what is wrong is said, and nothing is lost ---------------------------------------


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"what": "   "}, "what"),
        ({"what": "a" * 4001}, "what"),
        ({"category": "nothing"}, "category"),
        ({"area": "nowhere"}, "area"),
        ({"phone": "tanya tetangga"}, "phone"),
        ({"phone": "0812"}, "phone"),
        ({"asset": "K" * 33}, "asset"),
        ({"name": "N" * 121}, "name"),
        ({"website": "https://spam.example"}, "website"),
        ({"lat": "-6.0", "lng": "105.0"}, "area"),  # in the sea
        ({"lat": "-7.60", "lng": "111.90"}, "area"),  # in Nganjuk
        ({"lat": "nan", "lng": "1e999"}, "area"),
        ({"lat": "x", "lng": ""}, "area"),
        ({"lat": "-7.8170\x00", "lng": "112"}, "area"),
    ],
)
def test_a_fault_is_told_at_its_field_and_all_else_stays(
    client: Client, wrong: dict[str, str], where: str
) -> None:
    typed = {"place": "Depan toko roti", "name": "Bu Sri", "asset": "K-1", "anonymous": "on"}
    answer = send(client, **(typed | wrong))
    html = answer.content.decode()
    assert answer.status_code == 400 and not Complaint.objects.exists()
    assert f'id="{where}-error"' in html and f'href="#{where}"' in html
    for name, value in (typed | wrong).items():
        if name not in ("anonymous", "lat", "lng", "category", "area"):
            assert value in html, name
    assert re.search(r'name="anonymous" checked', html)
    assert hidden(html, "key") == [KEY]


def test_a_position_elsewhere_is_left_out_so_that_sending_again_works(client: Client) -> None:
    html = send(client, lat="-6.0", lng="105.0").content.decode()
    assert 'id="lat" name="lat" value=""' in html and "-6.0" not in html
    assert send(client, lat="", lng="").status_code == 302


def test_photos_that_came_with_a_faulty_form_come_along_with_the_next(client: Client) -> None:
    html = send(client, what="", photos=photo()).content.decode()
    kept = hidden(html, "kept")
    assert len(kept) == 1 and not Attachment.objects.exists()
    assert send(client, kept=kept).status_code == 302
    kept_file = Attachment.objects.get()
    assert KEPT.read(kept_file.name, kept_file.digest)[:3] == b"\xff\xd8\xff"


def test_a_photo_that_was_kept_may_be_part_of_another_report_too(client: Client) -> None:
    kept = hidden(send(client, what="", photos=photo()).content.decode(), "kept")
    assert send(client, kept=kept).status_code == 302
    # Back in the browser, other words, sent again.
    assert send(client, kept=kept, what="Lampu kedua juga mati").status_code == 302
    assert send(client, kept=kept, what="Lampu kedua juga mati").status_code == 302
    one, two = Complaint.objects.order_by("id")
    assert one.attachments.count() == two.attachments.count() == 1


def test_of_the_newer_internet_a_whole_house_is_one_address(client: Client) -> None:
    for _n in range(120):
        pace.check_pace("report", "2001:db8:1:2::/64", page.MOST_REPORTS)
    answer = client.post("/lapor", {"key": KEY, "what": LIGHT}, REMOTE_ADDR="2001:db8:1:2::77")
    assert answer.status_code == 429
    answer = client.post("/lapor", {"key": KEY, "what": LIGHT}, REMOTE_ADDR="2001:db8:1:3::77")
    assert answer.status_code == 302


@pytest.mark.parametrize("token", ["", "x", "abc:def:ghi", "WyJhIiwiYiJd:1abc:zzz"])
def test_a_made_up_photo_of_before_is_nobodys(client: Client, token: str) -> None:
    assert send(client, kept=token).status_code == 400
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "data", [b"MZ\x90\x00 program", b"<svg onload=alert(1)>", b"", b"\xff\xd8\xffnot a picture"]
)
def test_a_wrong_file_is_named_and_the_right_one_stays(client: Client, data: bytes) -> None:
    answer = send(client, photos=[photo(data, name="aneh<b>.jpg"), photo()])
    html = answer.content.decode()
    assert answer.status_code == 400 and "aneh&lt;b&gt;.jpg" in html
    assert len(hidden(html, "kept")) == 1 and LIGHT in html
    answer = send(client, kept=hidden(html, "kept"))
    assert answer.status_code == 302 and Attachment.objects.count() == 1


def test_more_photos_than_are_taken_are_told(client: Client) -> None:
    many = [photo(picture((40 + n, 40))) for n in range(MOST + 1)]
    answer = send(client, photos=many)
    assert answer.status_code == 400
    assert len(hidden(answer.content.decode(), "kept")) == MOST


def test_a_picture_of_too_many_points_is_refused(client: Client) -> None:
    drawn = io.BytesIO()
    Image.new("1", (9000, 9000)).save(drawn, "PNG")
    answer = send(client, photos=photo(drawn.getvalue(), name="besar.png"))
    assert answer.status_code == 400 and "besar.png" in answer.content.decode()


def test_where_and_with_what_a_photo_was_taken_is_gone(client: Client) -> None:
    assert b"PhoneOfSomebody" in picture()
    send(client, photos=photo())
    kept = Attachment.objects.get()
    data = KEPT.read(kept.name, kept.digest)
    assert b"PhoneOfSomebody" not in data and not Image.open(io.BytesIO(data)).getexif()
    assert b"JFIF" not in (settings.ENV.attachments() / f"{kept.name}.fernet").read_bytes()


def test_whoever_sends_too_often_is_told_and_keeps_the_words(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_REPORTS", "2/hour")
    assert [send(client, what=f"{LIGHT} {n}").status_code for n in range(2)] == [302, 302]
    answer = send(client, what="Yang ketiga", photos=photo())
    assert answer.status_code == 429 and "Yang ketiga" in answer.content.decode()
    assert Complaint.objects.count() == 2


def test_a_form_of_elsewhere_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/lapor", {"what": LIGHT}).status_code == 403
    assert not Complaint.objects.exists()


NASTY = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "مرحبا بالعالم",
    "lampu 💡🔥 mati",
    "{{ settings.SECRET_KEY }}",
    "\u202egnp.exe",
)


@pytest.mark.parametrize("words", NASTY)
def test_odd_words_are_words(client: Client, words: str) -> None:
    answer = send(client, what=words, place=words, name=words, asset=words[:20])
    html = client.get(answer["Location"]).content.decode()
    assert "<script>alert" not in html and "\u202e" not in html
    bad = send(client, what="", place=words, name=words).content.decode()
    assert "<script>alert" not in bad
    assert Complaint.objects.count() == 1


def test_nothing_typed_is_in_the_journal(client: Client) -> None:
    send(client, name="Bu Sri", phone="081234567890", place="Jl. Dhoho 12", photos=photo())
    rows = " ".join(str(row) for row in Journal.objects.values())
    for word in ("Lampu", "Sri", "Dhoho", "81234567890"):
        assert word not in rows


# --- danger ---------------------------------------------------------------------------

FIRE = "Tolong ada kebakaran rumah di gang sebelah"


def test_words_of_danger_are_answered_with_112_and_still_filed_on_a_word(client: Client) -> None:
    answer = send(client, what=FIRE, place="Gang 3", phone="081234567890", photos=photo())
    html = answer.content.decode()
    assert answer.status_code == 200 and not Complaint.objects.exists()
    assert 'class="call" href="tel:112"' in html
    again = {name: hidden(html, name)[0] for name in ("key", "what", "place", "phone", "confirmed")}
    assert client.post("/lapor", again | {"kept": hidden(html, "kept")}).status_code == 302
    one = Complaint.objects.select_related("body", "address").get()
    assert one.body and one.body.body == FIRE
    assert one.address and one.address.body == "Gang 3" and one.attachments.count() == 1


def test_from_the_call_for_112_one_gets_back_to_the_form(client: Client) -> None:
    html = client.post("/lapor", {"what": FIRE, "key": KEY, "edit": "1"}).content.decode()
    assert FIRE in html and 'name="photos"' in html and not Complaint.objects.exists()


def test_what_is_only_dangerous_some_day_is_filed_at_once(client: Client) -> None:
    assert send(client, what="Perempatan ini rawan kecelakaan").status_code == 302


# --- the page -------------------------------------------------------------------------


def test_the_language_changes_and_the_words_stay(client: Client) -> None:
    assert 'lang="id"' in client.get("/lapor").content.decode()
    html = send(client, language="en", name="Bu Sri").content.decode()
    assert '<html lang="en">' in html and LIGHT in html and "Bu Sri" in html
    assert 'lang="en"' in client.get("/lapor").content.decode()
    assert not Complaint.objects.exists()


def test_the_first_load_is_light(client: Client) -> None:
    page_bytes = len(client.get("/lapor").content)
    static = Path(settings.ROOT) / "public" / "static" / "public"
    assert page_bytes + sum(path.stat().st_size for path in static.iterdir()) < 60 * 1024


@pytest.mark.parametrize("address", ["/lapor", "/lacak", "/aduan", "/lacak/x"])
def test_in_a_drill_every_page_says_so(client: Client, address: str) -> None:
    assert "LATIHAN" not in client.get(address).content.decode()
    Deployment.objects.update(drill=True)
    assert "LATIHAN" in client.get(address).content.decode()


def test_all_the_same_for_somebody_who_is_signed_in(
    browser_of: Callable[[str | None], Client],
) -> None:
    assert browser_of("agency").get("/lapor").status_code == 200
