"""Enrolment codes: what they carry, how forgivingly they are read, and what a guess is up against."""

import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.enrolment import EnrolmentCode
from contract.errors import CodeError
from deploy.trust.attempts import ALL_MAX, ALL_WINDOW_S, WINDOW_S, WRONG_MAX, Attempts
from tests.support.clocks import ManualClock

FINGERPRINT = hashlib.sha256(b"an authority").digest()


@given(st.binary(min_size=32, max_size=32))
def test_a_code_is_read_as_it_was_written_and_names_its_authority_alone(fingerprint: bytes) -> None:
    code = EnrolmentCode.new(fingerprint)
    read = EnrolmentCode.parse(str(code))
    assert read == code
    assert read.names(fingerprint)
    assert not read.names(hashlib.sha256(fingerprint).digest())


def test_case_spaces_dashes_and_letters_that_look_alike_do_not_matter() -> None:
    code = next(code for _ in range(10_000) if "0" in str(code := EnrolmentCode.new(FINGERPRINT)) and "1" in str(code))
    sloppy = str(code).replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert EnrolmentCode.parse(f"  {sloppy}\n") == code


def test_nearly_every_mistyped_character_is_noticed_on_the_box() -> None:
    code = str(EnrolmentCode.new(FINGERPRINT))
    noticed = tried = 0
    for place, right in enumerate(code):
        for wrong in set("0123456789ABCDEFGHJKMNPQRSTVWXYZ") - {right} if right != "-" else ():
            tried += 1
            try:
                EnrolmentCode.parse(code[:place] + wrong + code[place + 1 :])
            except CodeError:
                noticed += 1
    assert noticed / tried > 0.99


@pytest.mark.parametrize("text", ["", "hello", "A" * 32, "U" * 32, string.ascii_letters])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(CodeError, match="enrolment code"):
        EnrolmentCode.parse(text)


def test_a_secret_has_at_least_sixty_bits_and_none_comes_twice() -> None:
    secrets = {EnrolmentCode.new(FINGERPRINT).secret for _ in range(1_000)}
    assert len(secrets) == 1_000
    assert {len(secret) * 5 for secret in secrets} == {70}
    assert {len(EnrolmentCode.new(FINGERPRINT).secret_sha256)} == {32}


def test_an_address_that_is_wrong_too_often_waits_and_others_do_not() -> None:
    clock = ManualClock()
    attempts = Attempts(clock.monotonic)
    assert [attempts.wrong("thief") for _ in range(WRONG_MAX)] == [False] * (WRONG_MAX - 1) + [True]
    assert attempts.wait_s("thief") == WINDOW_S
    assert attempts.wait_s("shop") == 0
    clock.advance(WINDOW_S)
    assert attempts.wait_s("thief") == 0


def test_a_right_code_clears_an_address() -> None:
    attempts = Attempts(ManualClock().monotonic)
    for _ in range(WRONG_MAX - 1):
        attempts.wrong("shop")
    attempts.right("shop")
    assert not attempts.wrong("shop")


def test_many_addresses_together_are_slowed_down_too() -> None:
    clock = ManualClock()
    attempts = Attempts(clock.monotonic)
    for number in range(ALL_MAX):
        attempts.wrong(f"10.0.0.{number}")
    assert 0 < attempts.wait_s("somebody") <= ALL_WINDOW_S
    clock.advance(ALL_WINDOW_S)
    assert attempts.wait_s("somebody") == 0
