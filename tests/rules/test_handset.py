"""What phones send about where they are, and what is made of it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sigap.calls.handset import Reading, best, fault_of
from sigap.core.errors import Invalid
from sigap.gateways.aml import PhoneForm, PhoneSms, fields_of, letter_id, number_in

NOW = datetime(2026, 11, 2, 1, 0, 30, tzinfo=UTC)
CALL = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
FIRST = (
    'A"ML=1;lt=-7.82280;lg=+112.01190;rd=25;top=20261102010012;lc=68;pm=G;'
    "si=510010000000000;ei=123456789012345;mcc=510;mnc=01;ml=128"
)
SECOND = (
    'A"ML=2;en=112;et=1793581200;lo=-7.82280,112.01190,20.1;lt=12;lc=68;ls=F;'
    "ei=123456789012345;nc=51001;hc=51001;lg=id-ID"
)
FORM = (
    "v=2&emergency_number=112&source=call&device_number=%2B6281233451190&time=1793581200000"
    "&location_latitude=-7.8228&location_longitude=112.0119&location_time=1793581212000"
    "&location_accuracy=10.4&location_confidence=0.68&location_source=gps"
    "&device_imsi=510010123456789&device_imei=354773072099116&cell_network_mcc=510"
)


def sms(text: str, sender: str = "+6281233451190") -> Reading:
    """An SMS as it is understood."""
    return PhoneSms.model_validate_strings({"from": sender, "text": text}).reading("id", NOW)


def form(body: str = FORM) -> Reading:
    """A phone's form as it is understood."""
    return PhoneForm.model_validate(fields_of(body.encode())).reading("id", NOW)


def changed(**parts: str) -> Reading:
    """The form with other values."""
    fields = fields_of(FORM.encode()) | parts
    return PhoneForm.model_validate(fields).reading("id", NOW)


def test_the_first_version_of_the_sms_is_understood() -> None:
    told = sms(FIRST)
    assert (told.lat, told.lng, told.radius_m, told.source) == (-7.8228, 112.0119, 25, "gps")
    assert (told.located_at, told.called_at) == (CALL + timedelta(seconds=12), None)
    assert (told.confidence, told.whole, told.number) == (0.68, True, "+6281233451190")
    assert fault_of(told) == ""


def test_in_the_second_version_lt_and_lg_are_a_time_and_a_language() -> None:
    told = sms(SECOND)
    assert (told.lat, told.lng, told.radius_m, told.source) == (-7.8228, 112.0119, 20.1, "fused")
    assert (told.called_at, told.located_at) == (CALL, CALL + timedelta(seconds=12))
    assert fault_of(told) == ""


def test_the_form_of_a_phone_is_understood_and_its_own_numbers_are_left_out() -> None:
    told = form()
    assert (told.lat, told.lng, told.radius_m, told.source) == (-7.8228, 112.0119, 10.4, "gps")
    assert (told.called_at, told.located_at) == (CALL, CALL + timedelta(seconds=12))
    assert (told.confidence, told.number, told.via) == (0.68, "+6281233451190", "https")
    kept = told.model_dump_json()
    assert not [n for n in ("510010123456789", "354773072099116") if n in kept]


def test_an_older_phone_tells_certainty_in_percent_and_writes_gps_in_capitals() -> None:
    told = form("location_certainty=83&location_source=GPS&device_number=+6281233451190")
    assert (told.confidence, told.source, told.number) == (0.83, "gps", "+6281233451190")


@pytest.mark.parametrize(
    "text",
    [
        FIRST.replace("ml=128", "ml=127"),
        FIRST.replace(";mnc=01", ""),
        FIRST.removesuffix(";ml=128"),
    ],
)
def test_an_sms_that_is_not_as_long_as_it_says_is_marked_as_damaged(text: str) -> None:
    assert fault_of(sms(text)) == "length"


def test_blanks_that_a_gateway_puts_around_an_sms_do_not_count() -> None:
    assert fault_of(sms(f"\n{FIRST} \r\n")) == ""


@pytest.mark.parametrize("text", ["", "Tolong", 'A"ML=3;lt=1', 'x A"ML=1;lt=1', "AML=1;lt=1;lg=1"])
def test_what_is_no_aml_message_is_refused(text: str) -> None:
    with pytest.raises((Invalid, ValidationError)):
        sms(text)


NOWHERE = 'A"ML=1;lt=+00.00000;lg=+000.00000;rd=N;top=20261102010012;lc=0;pm=N;ml=74'
FAULTS: dict[str, tuple[Reading, str]] = {
    "a phone that does not know": (sms(NOWHERE), "nowhere"),
    "no point": (form("v=1"), "nowhere"),
    "half of a point": (changed(location_longitude=""), "nowhere"),
    "words": (changed(location_latitude="sini"), "nowhere"),
    "infinity": (changed(location_latitude="inf"), "nowhere"),
    "beyond the pole": (changed(location_latitude="-90.1"), "range"),
    "around the world": (changed(location_longitude="472"), "range"),
    "measured long before": (sms(SECOND.replace(";lt=12", ";lt=-9999")), "time"),
    "measured tomorrow": (changed(location_time="1793667600000"), "time"),
    "at the limit": (changed(location_latitude="-90", location_longitude="180"), ""),
    "on the meridian": (changed(location_longitude="0"), ""),
    "without its time": (changed(location_time=""), ""),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_cannot_be_is_marked(case: str) -> None:
    told, fault = FAULTS[case]
    assert fault_of(told) == fault


@pytest.mark.parametrize("radius", ["0", "-5", "N", "", "nan", "1e9", "1_0"])
def test_a_radius_that_cannot_be_is_unknown(radius: str) -> None:
    assert changed(location_accuracy=radius).radius_m is None


@pytest.mark.parametrize("share", ["68", "-0.1", "much", "nan"])
def test_a_confidence_that_cannot_be_is_unknown(share: str) -> None:
    assert changed(location_confidence=share).confidence is None


@given(st.text() | st.floats().map(str))
def test_a_number_is_read_or_it_is_not(text: str) -> None:
    number = number_in(text)
    assert number is None or abs(number) < float("inf")


@given(st.text(), st.text())
def test_any_sms_is_a_location_or_a_plain_refusal(sender: str, text: str) -> None:
    with suppress(Invalid, ValidationError):
        fault_of(sms(text, sender))


VALUES = st.text() | st.floats().map(str) | st.integers().map(str)
KEYS = ("lt", "lg", "rd", "top", "lc", "pm", "ml", "et", "lo", "ls")


@given(st.sampled_from("12"), st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_any_aml_message_is_a_location_or_a_plain_refusal(
    version: str, parts: dict[str, str]
) -> None:
    text = ";".join([f'A"ML={version}', *(f"{k}={v}" for k, v in parts.items())])
    with suppress(Invalid, ValidationError):
        told = sms(text)
        assert fault_of(told) in ("", "nowhere", "range", "time", "length")
        assert Reading.model_validate_json(told.model_dump_json()) == told


@given(st.dictionaries(st.sampled_from(sorted(PhoneForm.model_fields)), VALUES))
def test_any_signed_form_is_a_location(parts: dict[str, str]) -> None:
    told = PhoneForm.model_validate(parts).reading("id", NOW)
    assert fault_of(told) in ("", "nowhere", "range", "time")
    assert Reading.model_validate_json(told.model_dump_json()) == told


@given(st.binary())
def test_any_bytes_are_fields_or_a_plain_refusal(body: bytes) -> None:
    with suppress(Invalid):
        PhoneForm.model_validate(fields_of(body)).reading("id", NOW)


def test_a_form_of_far_too_many_fields_is_refused() -> None:
    with pytest.raises(Invalid):
        fields_of(b"&".join(b"a=1" for _ in range(201)))


def test_what_a_message_is_known_by_tells_nothing_of_it() -> None:
    assert letter_id(FORM) == letter_id(FORM.encode()) != letter_id(FIRST)
    assert letter_id("ab", "c") != letter_id("a", "bc")
    assert len(letter_id(FORM)) == 64


@dataclass
class Fix:
    """A location to compare."""

    name: str
    second: int
    radius_m: float | None
    fault: str = ""

    @property
    def measured_at(self) -> datetime:
        """When it was measured."""
        return CALL + timedelta(seconds=self.second)


BEST: dict[str, tuple[list[Any], str | None]] = {
    "the smaller circle": ([Fix("a", 0, 900), Fix("b", 10, 12), Fix("c", 20, 30)], "b"),
    "a much newer one before a smaller old one": ([Fix("a", 0, 5), Fix("b", 61, 400)], "b"),
    "the newer of equal ones": ([Fix("a", 0, 20), Fix("b", 10, 20)], "b"),
    "a circle before none": ([Fix("a", 0, 3000), Fix("b", 10, None)], "a"),
    "a sound one before a damaged one": ([Fix("a", 0, 800), Fix("b", 9, 5, "length")], "a"),
    "a damaged one when there is no other": ([Fix("a", 0, 80, "length")], "a"),
    "none that cannot be": ([Fix("a", 0, 5, "time"), Fix("b", 0, 5, "nowhere")], None),
    "none of none": ([], None),
}


@pytest.mark.parametrize("case", BEST)
def test_the_best_location_is(case: str) -> None:
    fixes, name = BEST[case]
    for order in (fixes, fixes[::-1]):
        shown = best(order)
        assert (shown and shown.name) == name
