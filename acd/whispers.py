"""What an agent hears before he is connected: the name of the queue, spoken, for queues of the operator's own.

The packaged queues have words of their own in ivr/prompts/*.toml, shorter than their labels; a file of the operator's own
(`<prompts>/<language>/whisper-<queue>.wav`) wins over both.
"""

from pathlib import Path

from acd.cache import cache_folder
from acd.config import Config
from ivr.prompts import languages, read_texts
from ivr.voice import VoiceError, put, spoken


def speak_labels(espeak: list[str], config: Config, sounds: Path) -> list[str]:
    """Puts `<sounds>/<language>/whisper-<queue>.wav` for each queue that needs one. A sentence for each that could not be
    spoken: its agents hear a tone less, and nothing else happens."""
    faults = []
    for language in languages():
        texts = read_texts(language)
        for name, queue in config.queues.items():
            whisper = f"whisper-{name}"
            own = config.hotline.prompts / language / f"{whisper}.wav" if config.hotline.prompts else None
            if whisper in texts.prompts or (own is not None and own.exists()):
                continue
            label = queue.label.zh if language == "zh" else queue.label.en
            try:
                put(
                    spoken(espeak, texts, whisper, label, cache_folder() / "prompts"),
                    sounds / language / f"{whisper}.wav",
                )
            except VoiceError as fault:
                faults.append(f"queues.{name}.label.{language}: {fault}")
    return faults
