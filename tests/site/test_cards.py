"""The cards: the same points in both languages, the keys of the configuration, and one page of paper each."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from acd.config.schema import Config
from tests.site.documents import codes, rows, section, text

CARDS = ("agent", "supervisor", "qa")
each_card = pytest.mark.parametrize("card", CARDS)


def both(card: str) -> tuple[str, str]:
    return text(f"cards/{card}.zh.md"), text(f"cards/{card}.en.md")


@each_card
def test_both_languages_have_the_same_sections_rows_and_points(card: str):
    zh, en = both(card)
    shapes = []
    for page in (zh, en):
        headings = re.findall(r"^##+ .+$", page, re.M)
        shapes.append(
            [
                (
                    len(rows(section(page, heading))),
                    len(re.findall(r"^\d\. ", section(page, heading), re.M)),
                    sorted(codes(section(page, heading))),
                )
                for heading in headings
            ]
        )
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) >= 4


@each_card
def test_the_chinese_card_is_chinese_and_the_english_one_english(card: str):
    zh, en = both(card)
    assert len(re.findall(r"[\u4e00-\u9fff]", zh)) > 300
    assert not re.findall(r"[\u3000-\u9fff\uff00-\uffef]", en)
    # No sentence is left in the other language: words in Latin letters stand in backticks, or are names.
    rest = re.sub(r"`[^`]*`", "", zh)
    assert set(re.findall(r"[A-Za-z]{2,}", rest)) <= {"PIN", "CSV"}


def test_reasons_and_keys_are_those_of_the_configuration():
    config = Config.model_validate({"queues": {}})
    for language in ("zh", "en"):
        card = text(f"cards/agent.{language}.md")
        stop = r"([^·。\n.]+?)(?= ·|。|\.|\n)"
        lines = [
            line for line in card.splitlines() if line.count("` ") >= 4 and " · " in line and not line.startswith("|")
        ]
        assert len(lines) == 2
        wanted: list[dict[int, str]] = [
            {key: getattr(reason, language) for key, reason in config.not_ready_reasons.items()},
            {key: getattr(reason, language) for key, reason in config.transfers.reasons.items()},
        ]
        found = [re.findall(rf"`(\d)` {stop}", line + "\n") for line in lines]
        assert [{int(key): words.strip() for key, words in one} for one in found] == wanted


def test_the_star_codes_of_the_card_are_those_of_the_dialplan():
    dialplan = "".join(file.read_text("utf-8") for file in (Path(__file__).parents[2] / "asterisk_conf").glob("*.conf"))
    for code in codes(text("cards/agent.en.md")):
        if re.fullmatch(r"\*\d\d", code):
            assert re.search(rf"\{code}\b", dialplan), code


@each_card
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_card_prints_on_one_page_of_a4(
    card: str, language: str, built_site: Path, browser: Browser, tmp_path: Path
):
    context = await browser.new_context(color_scheme="light")
    page = await context.new_page()
    await page.goto((built_site / "docs" / "cards" / f"{card}.{language}.html").as_uri())
    await page.emulate_media(media="print")
    printed = await page.pdf(path=tmp_path / "card.pdf", prefer_css_page_size=True)
    sheets = re.findall(rb"/Type\s*/Page\b(?!s)", printed)
    assert len(sheets) == 1
    # Its last line is on it: nothing is cut off or hidden by the theme.
    assert await page.locator("article").is_visible()
    # Paper and screen: what is read is the card, without the theme's frame.
    for frame in (".md-header", ".md-sidebar", ".md-footer"):
        for part in await page.locator(frame).all():
            assert not await part.is_visible()
    await context.close()
