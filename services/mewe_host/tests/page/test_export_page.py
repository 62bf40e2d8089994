"""An export as a page: read on a telephone, in the dark and on paper, with what somebody wrote as they wrote it."""

import os
from pathlib import Path
from typing import Any

import pytest
from mewe_core.kit.texts import languages
from mewe_host.privacy.page import PACKAGE, html
from playwright.sync_api import Browser

AXE = Path(__file__).resolve().parents[4] / "tests/pages/node_modules/axe-core/axe.min.js"
ID = "4fbb8d8bb0072cf682e33d856bfc05d5"
WROTE = "I like <b>Wednesdays</b>,\nand " + "very" * 60 + " much."
ROW = {"id": ID, "person_id": ID, "text": WROTE, "sent_at": "2026-11-22T20:36:21.731239Z", "close_time": None, "open": True}
COPY = {
    "table": "kit_standing",
    "purpose": "To decide.",
    "basis": "public_task",
    "rows": [{"id": ID, "on": "2026-01-02"}],
}
OWN = {"table": "chat_message", "purpose": "To <talk>.", "basis": "public_task", "rows": [ROW, ROW]}
DOCUMENT: dict[str, Any] = {"exported": "2026-11-22T20:40:00Z", "features": {"chat": [COPY, OWN], "weather": []}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_everybody_can_read_their_export_on_a_phone(browser: Browser, tmp_path: Path, language: str, scheme: str) -> None:
    """Axe finds nothing, nothing runs off the narrowest screen, the page is dark where the reader is, and it loads nothing."""
    (tmp_path / "export.html").write_text(html(DOCUMENT, language))
    page = browser.new_page(viewport={"width": 320, "height": 640}, color_scheme="dark" if scheme == "dark" else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{tmp_path}/export.html")
    if folder := os.environ.get("MEWE_PICTURES"):
        page.screenshot(path=f"{folder}/export-{language}-{scheme}.png", full_page=True)
    assert asked == [f"file://{tmp_path}/export.html"]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.documentElement.lang") == language
    is_dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 29)"
    assert is_dark is (scheme == "dark")
    assert page.evaluate(f"{AXE.read_text()}; axe.run().then(found => found.violations.map(v => v.id))") == []
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 39, 48)"
    assert page.evaluate("getComputedStyle(document.querySelector('article')).breakInside") == "avoid"
    page.close()


def test_what_somebody_wrote_comes_first_and_as_they_wrote_it(browser: Browser, tmp_path: Path) -> None:
    """Markup is text, a new line is one, ids stand last, what was left empty is not there, and copies stand behind."""
    (tmp_path / "export.html").write_text(html(DOCUMENT, "sv"))
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/export.html")
    first = page.locator("article").first
    told = [one.inner_text() for one in first.locator("dt").all()]
    assert told == ["Text", "Skickat", "Open"]
    assert first.locator("dd").first.evaluate("one => one.textContent") == WROTE
    assert first.locator("dd").nth(1).inner_text() == "22 nov. 2026 20:36:21"
    assert first.locator("dd").nth(2).inner_text() == "ja"
    assert first.locator(".ids").inner_text().splitlines() == [f"id {ID}", f"person_id {ID}"]
    assert [one.inner_text() for one in page.locator("h2, h3").all()] == ["Chatt", "Meddelanden", "Din plats här", "Weather"]
    assert "Här finns inget sparat om dig." in page.locator("section").nth(1).inner_text()
    assert page.locator("h2 [lang=en], dt [lang=en]").count() > 0
    page.close()


@pytest.mark.parametrize("wrote", ["2026-01-02", "2026-02-30", "2026-99-99T99:99:99Z", "2026-01-02T03:04:05Z"])
@pytest.mark.parametrize("language", ["sv", "sv-FI", "en-GB", "nb", "xx"])
def test_what_looks_like_a_date_is_left_as_it_was_written(wrote: str, language: str) -> None:
    """Only columns that hold a moment are put in words, in a language that there are some of; no word stops the page."""
    rows = [{"id": ID, "text": wrote, "sent_at": "2026-02-30", "signed_on": "2026-01-02"}]
    page = html({"exported": "2026-11-22T20:40:00Z", "features": {"chat": [{**OWN, "rows": rows}]}}, language)
    assert f"<dd>{wrote}</dd>" in page
    assert "<dd>2026-02-30</dd>" in page
    assert "<dd>2026-01-02</dd>" not in page or wrote == "2026-01-02"
    assert page.startswith(f"<!doctype html><html lang='{'sv' if language.startswith('sv') else 'en'}'>")


def test_every_text_of_it_is_there_in_every_language() -> None:
    """The languages have the same keys."""
    folder = Path(__file__).resolve().parents[2] / "src/mewe_host/privacy/locale"
    keys = [{line.split(" =")[0] for line in (folder / f"{tag}.ftl").read_text().splitlines()} for tag in languages(PACKAGE)]
    assert len(keys) == 2
    assert keys[0] == keys[1]
