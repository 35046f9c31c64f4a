"""Which voice speaks which language, under what name its files lie in the cache, and the sha256 of each voice's data."""

import os
from collections.abc import Mapping

from acd.config.voice import VoiceTable

VARIABLE = "SANXIANG_VOICE"
"""Environment variable: `espeak` lets espeak-ng alone speak, whatever [voice] says."""
MAKE = 1
"""Part of every voice's name: to be raised when the same text shall sound otherwise."""
MODEL = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""sha256 of kokoro-v1.0.int8.onnx, as its authors publish it."""
VOICE_PACK = "kokoro-js@1.2.1"
"""The package of the npm registry that carries the voices' data; nothing in it is run."""
VOICES: Mapping[str, str] = {
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoni": "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "zm_yunxia": "6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d",
    "zm_yunyang": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
}
"""Voice to the sha256 of its data."""
WHISPER = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""sha256 of the model Whisper-base for CTranslate2."""


def better_voices(voice: VoiceTable) -> dict[str, str]:
    """Language to the name of the voice that shall speak it, with its version; empty where espeak-ng alone speaks."""
    if voice.engine == "espeak" or os.environ.get(VARIABLE) == "espeak":
        return {}
    return {"zh": full_name(voice.zh), "en": full_name(voice.en)}


def full_name(voice: str) -> str:
    """The voice with all that decides how it sounds."""
    return f"hibari-0.2.1/{MAKE}" if voice == "hibari" else f"kokoro-1.0-int8/{voice}/{MAKE}"


def short_name(voice: str) -> str:
    """The voice as [voice] names it."""
    return "hibari" if voice.startswith("hibari") else voice.split("/")[1]
