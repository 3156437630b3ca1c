"""The page in a real browser on a real server: what is seen, with scripts and without."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from indexer.settings import Settings
from tests.support.browsing import DESKTOP, PHONE, Open, serving

pytestmark = [pytest.mark.browser, pytest.mark.model]

QUESTION = "what did Kim promise Belousov"


@pytest.fixture(scope="module")
def server(sample_index: Path, real_settings: Settings) -> Iterator[str]:
    with serving(sample_index, real_settings.cache) as url:
        yield url


STATES = {
    "first visit": ("/", "Ask a question, get the sentence that answers it."),
    "results": (f"/?q={QUESTION}", "Showing 1–10 of"),
    "empty question": ("/?q=", "The question is empty"),
    "nothing found": (f"/?q=harbour&source={'Nowhere' * 20}", "Nothing found for “harbour”"),
    "long word": (f"/?q={'harbour' * 20}", "Showing 1–10 of"),
    "operators": (f'/?q={QUESTION} "Kim Jong-un" -yacht after:2024', "Showing 1–"),
    "another word": ("/?q=what did Kim promise Belousow", "Belousov instead of Belousow"),
    "a period": (f"/?q={QUESTION} in November 2024", "Only articles from November 2024"),
    "no answer": ("/?q=how tall is Mount Everest", "Nothing here seems to answer this"),
    "wrong parameter": ("/?q=harbour&mode=foo", "That cannot be searched"),
    "past the end": ("/?q=harbour&page=40", "There is no page 40"),
    "no article": ("/article/nope", "No such article"),
    "reference": ("/docs", "The JSON service"),
}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("state", STATES)
def test_states(visit: Open, state: str, scripts: bool) -> None:
    path, said = STATES[state]
    page = visit(path, scripts)
    expect(page.locator("main")).to_contain_text(said, ignore_case=True)
    expect(page.get_by_label("Ask the articles")).to_be_visible()
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("path", ["/", f"/?q={QUESTION}"])
def test_without_an_index(
    visit: Open, tmp_path: Path, real_settings: Settings, path: str, scripts: bool
) -> None:
    with serving(tmp_path / "none", real_settings.cache) as url:
        page = visit(path, scripts, base=url)
        expect(page.get_by_role("alert")).to_contain_text("Nothing has been indexed yet")
        expect(page.locator("code")).to_have_text(f"reindex PATH --index {tmp_path / 'none'}")


def test_with_a_damaged_index(
    visit: Open, tmp_path: Path, sample_index: Path, real_settings: Settings
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(sample_index, broken)
    for file in broken.glob("generations/*/segments/*/vectors.faiss"):
        file.write_bytes(file.read_bytes()[:100])
    with serving(broken, real_settings.cache) as url:
        page = visit("/?q=harbour", base=url)
        expect(page.get_by_role("alert")).to_contain_text("The index is damaged")
        expect(page.get_by_role("alert")).to_contain_text("vectors.faiss")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_asking_finds_the_answer_and_opens_it(
    visit: Open, scripts: bool, viewport: ViewportSize
) -> None:
    page = visit("/", scripts, viewport)
    page.get_by_label("Ask the articles").fill(QUESTION)
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_title(f"{QUESTION} – article-search")
    first = page.get_by_role("listitem").filter(has=page.locator("mark")).first
    expect(first.locator("mark").first).to_be_visible()
    expect(first).to_contain_text("Belousov")
    answer = first.locator("mark").first.inner_text()
    first.get_by_role("heading").get_by_role("link").click()
    expect(page.locator("mark").first).to_have_text(answer)
    expect(page.locator("mark").first).to_be_in_viewport()
    page.get_by_role("link", name="Results for").click()
    expect(counted(page)).to_contain_text("Showing 1–10")


def test_scripts_keep_the_address_short(visit: Open) -> None:
    page = visit("/")
    page.get_by_label("Ask the articles").fill("harbour")
    page.get_by_label("Ask the articles").press("Enter")
    expect(page).to_have_url(re.compile(r"/\?q=harbour$"))


def test_options_and_filters(visit: Open) -> None:
    page = visit("/?q=harbour", scripts=False)
    page.get_by_text("Options", exact=True).click()
    page.get_by_label("Match").select_option("Words only")
    page.get_by_label("Published from").fill("2024-01-01")
    page.get_by_label("Language").fill("en")
    page.get_by_role("button", name="Search").click()
    chips = page.get_by_role("list", name="Active filters")
    expect(chips.get_by_role("listitem")).to_have_count(3)
    page.get_by_role("link", name="Remove Match Words only").click()
    expect(chips.get_by_role("listitem")).to_have_count(2)
    source = page.get_by_title("Only from this source").first
    name = source.inner_text()
    source.click()
    expect(chips).to_contain_text(name)
    for other in page.get_by_title("Only from this source").all_inner_texts():
        assert other == name


def counted(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("status")


def shown(page: Page) -> int:
    """How many hits there are to page through."""
    text = counted(page).inner_text()
    found = re.search(r" of (?:at least )?(\d+)", text)
    assert found, text
    return int(found[1])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_months_and_sources_narrow_to_as_many_as_they_say(visit: Open, scripts: bool) -> None:
    page = visit(f"/?q={QUESTION}", scripts)
    aside = page.get_by_role("complementary", name="Narrow these results")
    bar = aside.get_by_role("link", name="November 2024")
    hits = int(re.findall(r"(\d+) hit", bar.inner_text())[0])
    bar.click()
    assert shown(page) >= hits > 1
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("November 2024")
    for each in page.locator(".hits time").all():
        if each.is_visible():
            assert "November 2024" in each.inner_text()
    page.get_by_role("link", name="Remove Published November 2024").click()
    line = aside.locator(".sources li").first
    name = line.get_by_role("link").inner_text()
    line.get_by_role("link").click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text(name)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_story_unfolds_and_leads_to_its_articles(visit: Open, scripts: bool) -> None:
    page = visit(f"/?q={QUESTION}", scripts)
    copies = page.locator(".copies").first
    expect(copies.get_by_role("list")).to_be_hidden()
    copies.get_by_text("Also in").click()
    expect(copies).to_contain_text("the earliest")
    link = copies.get_by_role("link").first
    title = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("heading", name="The same story")).to_be_visible()
    expect(page.get_by_role("heading", name="More like this")).to_be_visible()
    expect(page.locator("mark").first).to_be_visible()


def test_newest_first(visit: Open) -> None:
    page = visit(f"/?q={QUESTION}")
    page.get_by_role("link", name="Newest first").click()
    times = page.locator(".hits .facts time").all()
    days = [(time.get_attribute("datetime") or "")[:10] for time in times]
    assert days == sorted(days, reverse=True)
    assert len(days) > 3


def test_pages(visit: Open) -> None:
    page = visit("/?q=russia")
    first = set(page.locator(".hits h2").all_inner_texts())
    page.get_by_role("link", name="Next").click()
    expect(counted(page)).to_contain_text("Showing 11–20")
    assert not first & set(page.locator(".hits h2").all_inner_texts())
    page.get_by_role("link", name="Previous").click()
    expect(counted(page)).to_contain_text("Showing 1–10")
    assert set(page.locator(".hits h2").all_inner_texts()) == first


def test_suggestions_are_taken_with_the_keyboard(visit: Open) -> None:
    page = visit("/")
    box = page.get_by_role("combobox", name="Ask the articles")
    listbox = page.get_by_role("listbox", name="Suggestions")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("belous")
    expect(listbox).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status")).to_contain_text("suggestion")
    first = listbox.get_by_role("option").first
    box.press("ArrowUp")
    box.press("ArrowDown")
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile(""))
    box.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    text = first.locator("bdi").inner_text()
    assert text.lower().startswith("belous") or "belous" in text.lower()
    box.press("Enter")
    expect(page).to_have_title(f"{text} – article-search")


def test_suggestions_are_taken_with_the_mouse_and_left_with_escape(visit: Open) -> None:
    page = visit("/")
    box = page.get_by_role("combobox", name="Ask the articles")
    listbox = page.get_by_role("listbox", name="Suggestions")
    box.press_sequentially("kim")
    expect(listbox).to_be_visible()
    box.press("Escape")
    expect(listbox).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("kim")
    box.press("ArrowDown")
    expect(listbox).to_be_visible()
    option = listbox.get_by_role("option").first
    text = option.locator("bdi").inner_text()
    option.click()
    expect(page.get_by_label("Ask the articles")).to_have_value(text)
    expect(page).to_have_title(f"{text} – article-search")


def test_no_suggestion_is_needed(visit: Open) -> None:
    page = visit("/")
    page.route("**/v1/suggest**", lambda route: route.fulfill(status=503))
    box = page.get_by_role("combobox", name="Ask the articles")
    box.press_sequentially("harbour")
    page.wait_for_timeout(300)
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_hidden()
    box.press("Enter")
    expect(page).to_have_title("harbour – article-search")


def test_typing_on_takes_back_what_was_chosen(visit: Open) -> None:
    page = visit("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("kim")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)
    # At once: before anything is asked for the new words.
    page.evaluate(
        """() => {
          const box = document.getElementById("q");
          box.value = "kim and nobody";
          box.dispatchEvent(new InputEvent("input", { bubbles: true }));
          box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
          box.form.requestSubmit();
        }"""
    )
    expect(page).to_have_url(re.compile(r"q=kim\+and\+nobody"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_one_of_two_sources_can_be_emptied(visit: Open, scripts: bool) -> None:
    page = visit("/?q=harbour&source=LDN&source=BSN", scripts)
    page.get_by_text("Options", exact=True).click()
    page.get_by_role("textbox", name="Source").fill("")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("BSN")
    expect(page.get_by_role("list", name="Active filters")).not_to_contain_text("LDN")


def test_keys(visit: Open) -> None:
    page = visit("/?q=harbour")
    box = page.get_by_label("Ask the articles")
    links = page.locator(".hits h2 a")
    expect(box).not_to_be_focused()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).not_to_be_focused()
    expect(box).to_have_value("harbour")
    for index in (0, 1, 2):
        page.keyboard.press("ArrowDown")
        expect(links.nth(index)).to_be_focused()
        expect(links.nth(index)).to_be_in_viewport()
    page.keyboard.press("ArrowUp")
    expect(links.nth(1)).to_be_focused()
    title = links.nth(1).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_the_focus_goes_from_the_box_through_the_hits_to_what_narrows_them(visit: Open) -> None:
    page = visit(f"/?q={QUESTION}")
    order = page.evaluate(
        "[...document.querySelectorAll('a, button, input, summary')].filter(e => e.offsetParent)"
        ".map(e => e.closest('header, .hits, aside, .pager')?.tagName).filter(Boolean)"
    )
    assert list(dict.fromkeys(order)) == ["HEADER", "OL", "NAV", "ASIDE"]
    assert page.locator("[tabindex]:not([tabindex='-1'])").count() == 0


def test_the_first_tab_skips_to_the_content(visit: Open) -> None:
    page = visit("/?q=harbour")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_dark_mode_is_dark(visit: Open) -> None:
    page = visit(f"/?q={QUESTION}")
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen[scheme] = [
            page.locator(name).first.evaluate("e => getComputedStyle(e).backgroundColor")
            for name in ("body", "mark", "button", "#q")
        ]
    assert all(light != dark for light, dark in zip(*seen.values(), strict=True))


def test_print_leaves_out_what_paper_cannot_do(visit: Open) -> None:
    page = visit(f"/?q={QUESTION}")
    page.emulate_media(media="print")
    for name in ("form", "aside", ".pager", ".order"):
        expect(page.locator(name).first).to_be_hidden()
    expect(page.locator("mark").first).to_be_visible()
