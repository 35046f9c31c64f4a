"""Mandarin text to the signs that Kokoro speaks: digits to characters, characters to pinyin, pinyin to sounds.

The alphabet and the marks of the tones are those that Kokoro-82M was trained with (IPA, an arrow for each tone).
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

DIGITS = "零一二三四五六七八九"
LONGEST_COUNT = 4
"""Digits that are read as a number; longer ones, and those with a zero in front, are read one by one."""
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Signs, digits and letters as wide as a character, to the same of ASCII."""
PUNCTUATION = str.maketrans({"\u3001": ",", "\u3002": ".", "\u300a": "\u201c", "\u300b": "\u201d", "\u00b7": " "})
"""Chinese comma within lists, full stop, quotation marks of titles, and the point between parts of a name."""
PHRASES = {
    "重听": (("chóng",), ("tīng",)),
    "重拨": (("chóng",), ("bō",)),
    "重新": (("chóng",), ("xīn",)),
    "星号": (("xīng",), ("hào",)),
}
"""Words whose characters have several readings, where the dictionary has another than is meant here."""
AFFRICATES = (("ʈʂ", "\uab67"), ("tɕ", "ʨ"), ("ts", "ʦ"))
TONES = (("˧˩˧", "↓"), ("˧˥", "↗"), ("˥˩", "↘"), ("˥", "→"))
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RUN = re.compile(r"([\u4e00-\u9fff]+)|([A-Za-z][A-Za-z' -]*)|([^\u4e00-\u9fffA-Za-z]+)")


def in_characters(text: str) -> str:
    """The text with every number written out: 按1 is 按一, 15分钟 is 十五分钟, 95000 is 九五零零零, 3.5 is 三点五."""
    return _NUMBER.sub(lambda found: _number(found[0]), text.translate(FULL_WIDTH))


def _number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    said = count(int(whole)) if len(whole) <= LONGEST_COUNT and (whole == "0" or whole[0] != "0") else one_by_one(whole)
    return f"{said}点{one_by_one(fraction)}" if fraction else said


def one_by_one(digits: str) -> str:
    """Each digit by itself."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def count(number: int) -> str:
    """A whole number below ten thousand: 16 is 十六, 105 is 一百零五."""
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return "十" + (DIGITS[number - 10] if number > 10 else "")
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said += ("零" if gap else "") + DIGITS[digit] + name
        gap = bool(said) and not digit
    return said


def phonemes(text: str, english: Callable[[str], str]) -> str:
    """The signs of a text; `english` gives those of words in Latin letters."""
    signs = ""
    for chinese, latin, rest in _RUN.findall(in_characters(text)):
        if chinese:
            signs += " ".join("".join(syllable(each) for each in word) for word in _words(chinese))
        elif latin:
            signs += f" {english(latin.strip())} "
        else:
            signs += re.sub(r"([,.!:;?])\s*", r"\1 ", rest.translate(PUNCTUATION))
    return re.sub(r"\s+", " ", signs).strip()


def _words(chinese: str) -> Iterator[list[str]]:
    """The pinyin of each word, with its tone as a digit."""
    from pypinyin import Style, lazy_pinyin, load_phrases_dict
    from pypinyin.seg import mmseg

    _learn(load_phrases_dict)
    for word in mmseg.seg.cut(chinese):
        yield lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)


@cache
def _learn(load: Callable[..., None]) -> None:
    load({word: [list(reading) for reading in readings] for word, readings in PHRASES.items()})


@cache
def syllable(pinyin: str) -> str:
    """The signs of one syllable, as zhong4."""
    from pinyin_to_ipa import pinyin_to_ipa

    try:
        signs = "".join(next(iter(pinyin_to_ipa(pinyin))))
    except ValueError:
        return ""  # no syllable of Mandarin
    for sounds, sign in (*TONES, *AFFRICATES):
        signs = signs.replace(sounds, sign)
    # The vowels of zhi and zi: written as consonants that carry a syllable.
    return signs.replace("ɻ\u0329", "ɨ").replace("ɹ\u0329", "ɨ").replace("\u032f", "")
