"""The prompts that stories of the house's own name."""

from pathlib import Path

from ivr.own_stories import story_mistakes
from ivr.own_stories.spoken_names import prompts_named

STORY = """def story(call):
    number = yield ask("enter-it", digits=8, end="#")
    yield say("you-said", 12, other(call), f"x-{number}")
    yield say_digits("2026")
    yield say(
        "behind",
        "the-end",
    )
    return "served"
"""


def test_each_name_is_found_with_its_line_and_nothing_else(tmp_path: Path):
    (tmp_path / "parcel.py").write_text("\ufeff" + STORY, "utf-8")
    (tmp_path / "broken.py").write_text("def story(call)\n", "utf-8")
    (tmp_path / "gbk.py").write_bytes("# 包裹".encode("gbk"))
    (tmp_path / "Not A Story.py").write_text(STORY, "utf-8")
    file = tmp_path / "parcel.py"
    assert sorted(prompts_named(tmp_path)) == [
        (file, 2, "enter-it"), (file, 3, "you-said"), (file, 6, "behind"), (file, 7, "the-end"),
    ]  # fmt: skip
    assert list(prompts_named(None)) == list(prompts_named(tmp_path / "none")) == []
    assert not [each for each in story_mistakes(tmp_path) if "parcel" in each], "a byte order mark is no mistake"
