"""A citizen with a cheap phone, with and without its scripts."""

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from .asking import client
from .browsing import PATIENCE_MS, Look, faults_of
from .server import Server

SMALL: Any = {"width": 360, "height": 640}
MOST_BYTES = 100 * 1024
HERE: Any = {"latitude": -7.8170, "longitude": 112.0155, "accuracy": 20}
SEA: Any = {"latitude": -6.0, "longitude": 105.0, "accuracy": 20}
TICKS = ("checkbox", "radio")  # their labels are as high
LIGHT = "Lampu jalan mati sejak Senin مرحبا 💡 =1+1 <b>"


@contextmanager
def phone(browser: Browser, server: Server, **more: Any) -> Iterator[Page]:
    """A small phone that belongs to nobody."""
    context = browser.new_context(base_url=server.url, viewport=SMALL, bypass_csp=True, **more)
    context.set_default_timeout(PATIENCE_MS)
    failed: list[str] = []
    context.on("weberror", lambda fault: failed.append(str(fault.error)))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not failed, failed


def photo(folder: Path, side: int = 3000, name: str = "foto.jpg") -> Path:
    """A photo that is as large as a phone's: noise does not compress."""
    noise = np.random.default_rng(1).integers(0, 255, (side, side, 3), np.uint8)
    image = Image.fromarray(noise)
    exif = image.getexif()
    exif[0x010F] = "PhoneOfSomebody"
    image.save(folder / name, "JPEG", quality=80, exif=exif)
    return folder / name


def seen(page: Page, url: str) -> bytes:
    """What is kept of a photo, as the page shows it."""
    answer = page.request.get(url)
    assert answer.status == 200 and answer.headers["x-content-type-options"] == "nosniff"
    return answer.body()


def send(page: Page, words: str = LIGHT) -> None:
    page.goto("/lapor")
    page.fill("#what", words)
    page.click("#report button.main")


def test_without_scripts_a_report_with_a_photo_is_filed_and_added_to(
    browser: Browser, city: Server, tmp_path: Path
) -> None:
    with phone(browser, city, java_script_enabled=False) as page:
        page.goto("/lapor")
        page.set_input_files("#photos", photo(tmp_path))
        page.fill("#place", "Depan toko roti")
        page.click("#report button.main")
        expect(page.locator("#what-error")).to_be_visible()
        expect(page.locator("#place")).to_have_value("Depan toko roti")
        page.fill("#what", LIGHT)
        page.click("#report button.main")
        expect(page.locator("h1 .big")).to_have_text(re.compile(r"^[A-Z2-9]{4}-[A-Z2-9]{4}$"))
        expect(page.locator("#said-title ~ blockquote")).to_have_text(LIGHT)
        link = page.locator("#link").input_value()
        kept = seen(page, page.locator(".photos img").first.get_attribute("src") or "")
        assert kept[:3] == b"\xff\xd8\xff" and b"PhoneOfSomebody" not in kept
        assert max(Image.open(io.BytesIO(kept)).size) <= 2048
        page.goto(link)
        page.locator("summary", has_text=re.compile("Tambah|Add")).click()
        page.fill("#words", "Nomornya K-1")
        page.click('button[value="add"]')
        expect(page.locator(".steps")).to_contain_text("Nomornya K-1")


def test_what_is_too_large_is_refused_and_the_words_stay(
    browser: Browser, city: Server, tmp_path: Path
) -> None:
    large = tmp_path / "besar.jpg"
    large.write_bytes(b"\xff\xd8\xff" + bytes(40 * 1024 * 1024))
    with phone(browser, city, java_script_enabled=False) as page:
        page.goto("/lapor")
        page.fill("#what", LIGHT)
        page.fill("#name", "Bu Sri")
        page.set_input_files("#photos", large)
        with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            page.click("#report button.main")
        assert answer.value.status == 413
        expect(page.locator("#photos-error")).to_be_visible()
        expect(page.locator("#what")).to_have_value(LIGHT)
        expect(page.locator("#name")).to_have_value("Bu Sri")
        page.click("#report button.main")
        expect(page.locator("h1 .big")).to_be_visible()


@pytest.mark.parametrize(("side", "clicks"), [(300, 1), (3000, 2)])
def test_with_scripts_the_position_goes_along_and_the_photo_is_made_small(
    browser: Browser, city: Server, tmp_path: Path, side: int, clicks: int
) -> None:
    with phone(browser, city, geolocation=HERE, permissions=["geolocation"]) as page:
        page.goto("/lapor")
        page.fill("#what", LIGHT)
        page.click("#locate")
        expect(page.locator("#lat")).to_have_value("-7.817000")
        page.set_input_files("#photos", photo(tmp_path, side))
        with page.expect_request(lambda asked: asked.method == "POST") as sent:
            page.click("#report button.main", click_count=clicks)
        expect(page.locator("h1 .big")).to_be_visible()
        assert len(sent.value.post_data_buffer or b"") < 2_500_000
        expect(page.locator(".photos img")).to_have_count(1)


def test_a_position_in_the_sea_is_left_out_with_a_word(browser: Browser, city: Server) -> None:
    with phone(browser, city, geolocation=SEA, permissions=["geolocation"]) as page:
        page.goto("/lapor")
        page.fill("#what", LIGHT)
        page.click("#locate")
        expect(page.locator("#lat")).not_to_have_value("")
        page.click("#report button.main")
        expect(page.locator("#area-error")).to_be_visible()
        expect(page.locator("#what")).to_have_value(LIGHT)
        page.click("#report button.main")
        expect(page.locator("h1 .big")).to_be_visible()


def test_the_language_is_changed_in_the_middle_of_a_form(browser: Browser, city: Server) -> None:
    with phone(browser, city) as page:
        page.goto("/lapor")
        page.fill("#what", LIGHT)
        page.click('button[value="en"]')
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("#what")).to_have_value(LIGHT)


def test_words_of_danger_lead_to_112(browser: Browser, city: Server) -> None:
    with phone(browser, city) as page:
        look = Look(page)
        send(page, "Tolong ada kebakaran rumah")
        look.at("danger", page.locator("a.call"))
        assert page.locator("a.call").get_attribute("href") == "tel:112"
        page.click("#report button.main")
        expect(page.locator("h1 .big")).to_be_visible()
        assert not look.found, "\n".join(look.found)


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_serves_everybody_and_is_light(
    browser: Browser, city: Server, language: str
) -> None:
    with phone(browser, city) as page:
        page.context.add_cookies([{"name": "sigap_language", "value": language, "url": city.url}])
        look, loaded = Look(page), list[Response]()
        page.on("response", lambda answer: loaded.append(answer))
        send(page)
        expect(page.locator("h1 .big")).to_be_visible()
        track = page.url.removeprefix(city.url)
        number = page.locator("h1 .big").inner_text()
        look.judge("a report")
        for path, status in (
            ("/lapor", 200),
            ("/lacak", 200),
            (f"/lacak?nomor={number}", 200),
            ("/lacak?nomor=AAAA-AAAA", 404),
            (track, 200),
            ("/lacak/unknown", 404),
            ("/aduan", 200),
        ):
            loaded.clear()
            look.open(path, "h1", status=status)
            assert page.locator("html").get_attribute("lang") == language
            look.judge(path)
            weight = sum(len(answer.body()) for answer in loaded if answer.ok)
            assert weight <= MOST_BYTES, (path, weight)
        send(page, " ")
        expect(page.locator("#what-error")).to_be_visible()
        assert not faults_of(page)
        for target in page.locator("button, select, summary, nav a, input:visible").all():
            box = target.bounding_box()
            if box and target.is_visible() and target.get_attribute("type") not in TICKS:
                assert box["height"] >= 48, target.evaluate("e => e.outerHTML.slice(0, 99)")
    assert not look.found, "\n".join(look.found)


def test_a_form_that_is_sent_four_times_at_once_is_one_report(city: Server) -> None:
    """The second of two presses finds what the first filed, also while that one is at work."""
    person = client(city.url)
    form = person.get("/lapor").text
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', form)
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert token and key
    sent = {"csrfmiddlewaretoken": token[1], "key": key[1], "what": LIGHT}

    def press(_nth: int) -> str:
        return str(person.post("/lapor", data=sent).headers["location"])

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(4)))) == 1
