"""What the server writes down about roll-outs is said in the reader's language; people's own words stay."""

import pytest

from dashboard.components.rollout_words import written_words
from dashboard.language import language

EN, ZH = language("en"), language("zh")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2 of 5 boxes refused it or rolled it back", "5 台盒子中有 2 台未能应用或已恢复原版本"),
        ("40 of 40 boxes run it", "40 台盒子中有 40 台已在使用"),
        ("to 10%: 4 boxes. it was quiet", "下发到 10%：4 台盒子。原因：it was quiet"),
        ("version 3 took its place. newer. better", "已由版本 3 取代。原因：newer. better"),
        ("版本太旧", "版本太旧"),
        ("to 10%: 4 boxes are enough", "to 10%: 4 boxes are enough"),
    ],
)
def test_a_sentence_of_the_server_is_translated_and_a_reason_is_not(written: str, said: str) -> None:
    assert written_words(written, ZH) == said


def test_in_english_a_reason_is_told_apart_from_the_sentence() -> None:
    assert written_words("40 of 40 boxes run it", EN) == "40 of 40 boxes run it"
    assert written_words("to 10%: 4 boxes. it was quiet", EN) == "to 10%: 4 boxes. Reason: it was quiet"
