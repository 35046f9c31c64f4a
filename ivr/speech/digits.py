"""A number that was said digit by digit, in Chinese (幺 and 一, 两 and 二) or in English, out of what a recogniser has written."""

import re

from ivr.speech.pinyin import readings

_BY_SOUND = {
    "ling": "0", "yi": "1", "yao": "1", "er": "2", "liang": "2", "san": "3", "si": "4", "wu": "5", "liu": "6", "qi": "7", "ba": "8", "jiu": "9",
}  # fmt: skip
_CHARACTERS = dict(zip("零〇洞一幺二两三四五六七八九", "00011223456789", strict=True))
_WORDS = {
    **dict(zip(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), "0123456789", strict=True)),
    "oh": "0", "o": "0", "nought": "0", "won": "1", "to": "2", "too": "2", "tree": "3", "for": "4", "fore": "4", "sex": "6", "ate": "8", "niner": "9",
}  # fmt: skip
"""As they are said, and as a recogniser writes them."""
_TENS = {
    name: str(ten)
    for ten, name in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_TEENS = dict(zip(("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
                  map(str, range(10, 20)), strict=True))  # fmt: skip
_TIMES = {"double": 2, "triple": 3}
_PART = re.compile(r"\d|[a-z]+|[\u3007\u4e00-\u9fff]")
LEAST = 3
"""Digits of a number; fewer are a word of something else that was said."""
MOST = 40


def digits_of(text: str, least: int = LEAST) -> str:
    """The longest run of digits in the text; empty where none has so many as `least`.

    Words that are written as a digit sounds (是 for 四, "for" for "four") count within the run alone, and so do not begin one.
    """
    runs, run = [""], ""
    waiting = ""  # of uncertain ones, until a digit follows
    times = 1
    parts = _PART.findall(text.lower().replace("-", " "))[: 3 * MOST]
    for at, part in enumerate(parts):
        sure, unsure = _digit(part, parts[at + 1 : at + 2])
        if part in _TIMES:
            times = _TIMES[part]
        elif sure:
            run, waiting, times = run + waiting + sure * times, "", 1
        elif unsure and run:
            waiting += unsure
        else:
            runs.append(run + waiting)
            run, waiting, times = "", "", 1
    runs.append(run + waiting)
    longest = max(runs, key=len)
    return longest if least <= len(longest) <= MOST else ""


def _digit(part: str, following: list[str]) -> tuple[str, str]:
    """(what it is, what it may be)."""
    if part.isdecimal():
        return part, ""
    if found := _CHARACTERS.get(part):
        return found, ""
    if part in _TENS:  # "forty two", and "forty" alone
        alone = not (following and _WORDS.get(following[0], "0") != "0")
        return (_TENS[part] + "0", "") if alone else (_TENS[part], "")
    if part in _TEENS:
        return _TEENS[part], ""
    if found := _WORDS.get(part):
        return ("", found) if part in ("to", "too", "for", "fore", "o", "won", "tree", "ate", "sex") else (found, "")
    sounds = {_BY_SOUND[each] for each in readings().get(part, ()) if each in _BY_SOUND}
    if "shi" in readings().get(part, ()):
        sounds.add("4")
    return "", sounds.pop() if len(sounds) == 1 else ""
