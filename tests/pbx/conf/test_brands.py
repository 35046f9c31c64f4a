"""What Asterisk is told of brands: which voice and queue a number brings, and what is shown to whom a brand calls."""

from dataclasses import replace
from pathlib import Path

import pytest

from acd.pbx.actions.ways_out import WaysOut
from acd.pbx.conf.render import UnfitForConf, render
from acd.pbx.conf.settings import Outwards, PbxBrand, PbxSettings, PbxTrunk
from tests.pbx.support.rendered_conf import contexts, settings_in


def two_brands(folder: Path) -> PbxSettings:
    """acme has two numbers, shows its own over one trunk; bolt has one and shows what the trunks show."""
    voice = folder / "sounds" / "brands"
    return settings_in(
        folder,
        numbers={"95000": "ask", "95100": "zh", "+8695101": "en", "95200": "ask"},
        trunks=(
            PbxTrunk("one", ("192.0.2.10",), outwards=Outwards(caller_number="4006009500")),
            PbxTrunk("two", ("192.0.2.20",)),
        ),
        brands=(
            PbxBrand("acme", ("95100", "+8695101"), voice / "acme", "after-sales", {"one": "4006009511"}),
            PbxBrand("bolt", ("95200",), voice / "bolt", "billing"),
        ),
    )


def test_each_number_of_a_brand_brings_its_voice_and_its_queue(tmp_path: Path):
    settings = two_brands(tmp_path)
    render(settings)
    lines, _ = contexts(settings.etc)
    for number, brand, queue in (
        ("95100", "acme", "after-sales"),
        ("+8695101", "acme", "after-sales"),
        ("95200", "bolt", "billing"),
    ):
        set_here = [(application, said) for extension, application, said in lines["brand"] if extension == number]
        assert set_here == [
            ("Set", f"__SOUNDS={tmp_path}/sounds/brands/{brand}"),
            ("Set", f"BRAND_QUEUE={queue}"),
            ("Return", ""),
        ]
    calls = {
        (context, extension): said
        for context in ("hotline", "any-writing")
        for extension, application, said in lines[context]
        if application == "Gosub"
    }
    assert calls["hotline", "95100"] == "brand,95100,1"
    assert calls["any-writing", "95101"] == "brand,+8695101,1", "in whatever writing the carrier sends the number"
    assert ("hotline", "95000") not in calls, "a number of no brand is as it was"


def test_an_installation_without_brands_has_an_empty_list_of_them(tmp_path: Path):
    settings = settings_in(tmp_path)
    render(settings)
    lines, _ = contexts(settings.etc)
    assert {extension for extension, _, _ in lines["brand"]} == {"i", "t", "h"}
    assert not any("brand," in said for context in ("hotline", "any-writing") for _, _, said in lines[context])


def test_a_brand_shows_its_own_number_then_the_trunks_then_the_one_that_was_dialled(tmp_path: Path):
    settings = two_brands(tmp_path)
    render(settings)
    text = (settings.etc / "extensions.conf").read_text("utf-8")
    lines = [line.partition("=") for line in text.splitlines() if line.startswith("SHOWN_")]
    shown = {name.strip(): value.strip() for name, _, value in lines}
    assert shown == {
        "SHOWN_trunk-one": "4006009500",
        "SHOWN_trunk-two": "",
        "SHOWN_trunk-one_95100": "4006009511",
        "SHOWN_trunk-one_+8695101": "4006009511",
        "SHOWN_trunk-two_95100": "",
        "SHOWN_trunk-two_+8695101": "",
        "SHOWN_trunk-one_95200": "",
        "SHOWN_trunk-two_95200": "",
    }
    ways = WaysOut()
    ways.configure(settings.ways_out, settings.dial_as, settings.shown_for)
    for endpoint, dialled, seen in (
        ("trunk-one", "95100", "4006009511"),
        ("trunk-two", "95100", "95100"),
        ("trunk-one", "95200", "4006009500"),
        ("trunk-one", "95000", "4006009500"),
    ):
        assert ways.shown(endpoint, dialled) == seen, (endpoint, dialled)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "acme,1"},
        {"queue": "nowhere"},
        {"sounds_folder": Path("/a;b")},
        {"numbers": ("95100,1",)},
        {"caller_numbers": {"one": "400\n[x]"}},
    ],
)
def test_what_would_be_dialplan_is_refused(tmp_path: Path, changes: dict[str, object]):
    settings = two_brands(tmp_path)
    brand = replace(settings.brands[0], **changes)  # type: ignore[arg-type]
    with pytest.raises(UnfitForConf):
        render(replace(settings, brands=(brand,)))
