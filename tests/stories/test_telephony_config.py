"""What is set for the telephone exchange stands in the configuration that Asterisk reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from sigap.config.environment import Environment
from sigap.core.models import User
from sigap.gateways.asterisk.config import write, write_phones
from sigap.gateways.asterisk.prompts import WORDS
from sigap.gateways.phones import password_of

CARRIER = {"name": "carrier", "host": "10.1.2.3:5070"}
Written = Callable[..., Callable[[str], str]]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes the configuration with these settings; gives the text of a file of it."""
    folder = tmp_path / "asterisk"
    sounds = folder / "sounds" / "id" / "sigap"
    sounds.mkdir(parents=True)
    for name in WORDS:
        (sounds / f"{name}.wav").touch()  # the city's own

    def with_settings(**given: Any) -> Callable[[str], str]:
        environment = Environment(**given)
        with override_settings(ENV=environment):
            write(folder, "Kota Kediri")
        return lambda name: (folder / name).read_text()

    return with_settings


def test_asterisk_listens_where_it_is_told(written: Written) -> None:
    text = written(sip_listen="10.0.0.2:5062", ari_listen="127.0.0.1:8090")
    assert "bind=10.0.0.2:5062" in text("pjsip.conf")
    assert "bindaddr=127.0.0.1\nbindport=8090" in text("http.conf")
    assert "tlsenable" not in text("http.conf")


def test_the_sound_of_calls_keeps_to_its_ports_and_address(written: Written) -> None:
    text = written(rtp_ports="20000-20999", sip_listen="10.0.0.2:5060", trunks=[CARRIER])
    assert "rtpstart=20000\nrtpend=20999" in text("rtp.conf")
    assert "media_address=10.0.0.2" in text("pjsip.conf")


def test_behind_address_translation_the_public_address_is_told(written: Written) -> None:
    assert "external_media_address=203.0.113.9" in written(sip_outside="203.0.113.9")("pjsip.conf")


def test_a_carrier_is_known_by_its_address_and_comes_to_the_gate(written: Written) -> None:
    text = written(trunks=[CARRIER])
    assert "match=10.1.2.3\n" in text("pjsip.conf")
    assert "type=registration" not in text("pjsip.conf")
    assert "[trunk-carrier]" in text("extensions.conf")
    assert "Goto(line,inbound,1)" in text("extensions.conf")


def test_several_carriers_stand_side_by_side_and_one_may_want_us_to_register(
    written: Written,
) -> None:
    own = {"name": "second", "host": "10.9.9.9", "username": "kediri", "password": "rahasia"}
    text = written(trunks=[CARRIER, own | {"match": ["10.9.9.0/24"]}])
    assert "[trunk-carrier]" in text("extensions.conf")
    assert "[trunk-second]" in text("extensions.conf")
    assert "match=10.9.9.0/24" in text("pjsip.conf")
    assert "client_uri=sip:kediri@10.9.9.9" in text("pjsip.conf")


def test_a_second_centre_is_rung_too_when_nobody_is_here(written: Written) -> None:
    assert "Dial(PJSIP/" not in written(trunks=[CARRIER])("extensions.conf")
    text = written(trunks=[CARRIER], second_centre="0354112@carrier")
    assert "Dial(PJSIP/0354112@carrier" in text("extensions.conf")


def test_who_takes_calls_has_a_telephone_and_nobody_else(
    written: Written, person: Callable[[str], User]
) -> None:
    taker, crew = person("call_taker"), person("crew")
    text = written(trunks=[CARRIER])
    assert f"[op{taker.pk}]" in text("pjsip_phones.conf")
    assert f"[op{taker.pk}-desk]" in text("pjsip_phones.conf")
    assert password_of(taker) in text("pjsip_phones.conf")
    assert f"op{crew.pk}]" not in text("pjsip_phones.conf")
    assert f"PJSIP/op{taker.pk}&PJSIP/op{taker.pk}-desk" in text("extensions_phones.conf")


def test_the_password_of_a_telephone_ends_with_the_persons_sign_ins(
    person: Callable[[str], User],
) -> None:
    taker = person("call_taker")
    before = password_of(taker)
    taker.epoch += 1
    assert password_of(taker) != before


def test_browsers_come_by_tls_with_the_citys_certificate_or_one_of_our_making(
    written: Written, tmp_path: Path
) -> None:
    text = written(phones_listen="10.0.0.2:8089")
    assert "tlsbindaddr=10.0.0.2:8089" in text("http.conf")
    assert "BEGIN CERTIFICATE" in text("phones.crt")
    (tmp_path / "city.crt").touch()
    (tmp_path / "city.key").touch()
    own = {"phones_certificate": tmp_path / "city.crt", "phones_key": tmp_path / "city.key"}
    text = written(phones_listen="10.0.0.2:8089", **own)
    assert f"tlscertfile={tmp_path / 'city.crt'}" in text("http.conf")
    assert f"tlsprivatekey={tmp_path / 'city.key'}" in text("http.conf")


def test_the_files_are_for_their_owner_only(written: Written, tmp_path: Path) -> None:
    written(trunks=[CARRIER])
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "asterisk").glob("*.conf")}
    assert modes == {0}


def test_telephones_are_written_anew_only_when_they_are_others(
    written: Written, tmp_path: Path, person: Callable[[str], User]
) -> None:
    taker = person("call_taker")
    written(trunks=[CARRIER])
    with override_settings(ENV=Environment(trunks=[CARRIER])):
        assert not write_phones(tmp_path / "asterisk")
        User.objects.filter(pk=taker.pk).update(epoch=taker.epoch + 1)
        assert write_phones(tmp_path / "asterisk")


def test_the_folder_is_the_one_that_was_set(tmp_path: Path) -> None:
    assert Environment(telephony_dir=tmp_path).telephony_folder() == tmp_path
    default = settings.ENV.data_dir / "telephony"
    assert settings.ENV.telephony_folder() == default
