"""Where a telephone number is at home, in Chinese and English.

The library's tables take half a second and a hundred megabytes, so nothing is read before `load`, which belongs into a
thread; until then no number is at home anywhere.
"""

import gc
from functools import lru_cache
from types import ModuleType

HOME = "CN"
"""The country of numbers that are dialled without one."""

NOWHERE = {"zh": "", "en": ""}
_library: ModuleType | None = None


def load() -> None:
    """Reads the tables; from then on `region` knows. Blocks."""
    global _library
    import phonenumbers
    import phonenumbers.geocoder

    _library = phonenumbers
    region.cache_clear()
    region("01062345678")  # what is read at the first question only
    # The tables are there for good: looking through them took the collector 12 ms each time, and callers with it.
    gc.freeze()


@lru_cache(maxsize=10_000)
def region(number: str, home: str = HOME) -> dict[str, str]:
    """{"zh": "江苏省连云港市", "en": "Lianyungang, Jiangsu"}; empty texts for what is no number of a public telephone."""
    if _library is None:
        return NOWHERE
    try:
        # Exchanges send numbers of other countries as 00 or + and country code.
        parsed = _library.parse(number, home)
    except _library.NumberParseException:
        return NOWHERE
    if not _library.is_valid_number(parsed):
        return NOWHERE
    told = _library.geocoder.description_for_number
    return {language: str(told(parsed, language)) for language in ("zh", "en")}
