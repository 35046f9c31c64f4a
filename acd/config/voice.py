"""The table [voice]: who speaks the prompts."""

from typing import Literal, get_args

from acd.config.types import Part

Mandarin = Literal[
    "zf_xiaoyi", "zf_xiaoxiao", "zf_xiaobei", "zf_xiaoni", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang"
]
English = Literal["hibari", "af_heart", "bf_emma", "am_michael", "bm_george"]
MANDARIN, ENGLISH = get_args(Mandarin), get_args(English)


class VoiceTable(Part):
    engine: Literal["neural", "espeak"] = "neural"
    """"neural": Kokoro and hibari, made in the background; espeak-ng speaks until they are ready, and where they can't be had."""
    zh: Mandarin = "zm_yunjian"
    """A voice of Kokoro-82M: zf_ a woman's, zm_ a man's. A recogniser understands this one best (docs/voices.md)."""
    en: English = "hibari"
    """hibari, or a voice of Kokoro-82M, a American and b British, at thirty times the work."""
