"""The page in a real browser, from a file."""

from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
CHROMIUM = Path("/usr/bin/chromium")
SOON = 500
"""Milliseconds for drawing again; the page forbids the scripts that playwright waits with."""


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not there; install it with: apt-get install chromium fonts-noto-cjk")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, pages, tmp_path):
    """Open a page of a kind; whatever it complains of or asks the network for fails the test."""
    complaints, contexts = [], []

    def open_page(kind, *, width=1440, scheme="light"):
        file = tmp_path / f"{kind}.html"
        file.write_text(pages[kind], "utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request: complaints.append(request.url) if request.url != file.as_uri() else None)
        tab.goto(file.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in complaints if not one.startswith("data:")] == []


@pytest.mark.parametrize("kind", ["full", "bare", "leaking"])
def test_every_chart_is_drawn_without_a_complaint(opened, kind):
    tab = opened(kind)
    drawn = "[...document.querySelectorAll('[data-chart]')].map((one) => one.querySelectorAll('.trace').length)"
    traces = tab.evaluate(drawn)
    assert all(traces)
    assert len(traces) >= 13 or kind == "bare"


@pytest.mark.parametrize("kind", ["full", "leaking"])
def test_nothing_is_wider_than_the_window(opened, kind):
    tab = opened(kind)
    for width in (1440, 768, 360):
        tab.set_viewport_size({"width": width, "height": 900})
        for language in ("zh", "en"):
            tab.click(f"[data-choose={language}]")
            assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_switch_changes_every_text_and_the_charts(opened):
    tab = opened("full")
    said = "document.querySelector('main').innerText"
    axis = "document.querySelector('[data-chart=spec-roc] .xtitle').textContent"
    assert "模型评估" in tab.evaluate(said)
    assert "误伤" in tab.evaluate(axis)
    tab.click("[data-choose=en]")
    assert "模型评估" not in tab.evaluate(said)
    assert "Model evaluation" in tab.evaluate(said)
    assert tab.evaluate(axis) == "Sound rows flagged"
    assert tab.evaluate("document.documentElement.lang") == "en"
    tab.reload()
    assert "模型评估" in tab.evaluate(said)


def test_charts_follow_the_colours_of_the_system(opened):
    tab = opened("full")
    colour = "getComputedStyle(document.querySelector('[data-chart=spec-roc] .xtitle')).fill"
    light = tab.evaluate(colour)
    tab.emulate_media(color_scheme="dark")
    tab.wait_for_timeout(SOON)
    assert tab.evaluate(colour) != light
    tab.emulate_media(color_scheme="light")
    tab.wait_for_timeout(SOON)
    assert tab.evaluate(colour) == light


def test_it_prints_without_its_controls(opened):
    tab = opened("full", scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.querySelector('.switch')).display") == "none"
    assert tab.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor") == "rgb(255, 255, 255)"
