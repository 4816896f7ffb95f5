"""What fingers and narrow windows need of a page: room, targets, and nothing cut off."""

import contextlib

from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.servers import wait_for

TARGET_PX = 44
SETTLE_MS = 3000  # until scripts have laid out what follows the width
# 640 pixels are a window of 1280 at 200 %.
WIDTHS = (320, 390, 640, 768)
# What a finger is to hit, with the size that it can hit: around its centre, or that of its label.
# Links within sentences, and what is scrolled to by a skip link only, are left out.
SMALL_TARGETS = """side => {
    const selector = `button, a[href], input, select, textarea, summary, [role=tab], [role=option],
        [role=button]`;
    const modal = [...document.querySelectorAll("dialog:modal")].pop();
    const shown = (part) => part.checkVisibility({checkVisibilityCSS: true})
        && part.getBoundingClientRect().width > 1 && (!modal || modal.contains(part));
    const small = [];
    for (const part of document.querySelectorAll(selector)) {
        if (!shown(part) || part.disabled || part.matches(".tl-skip, [type=file]")) continue;
        if (part.tagName === "A" && getComputedStyle(part).display === "inline") continue;
        const target = part.matches("[type=checkbox], [type=radio]")
            ? part.closest("label") ?? part : part;
        let {width, height} = target.getBoundingClientRect();
        if (width >= side - 0.5 && height >= side - 0.5) continue;
        target.scrollIntoView({block: "center", inline: "center"});
        const box = target.getBoundingClientRect();
        const [x, y, reach] = [box.x + box.width / 2, box.y + box.height / 2, side / 2 - 1];
        const hits = (dx, dy) => target.contains(document.elementFromPoint(x + dx, y + dy));
        if ([[-reach, 0], [reach, 0], [0, -reach], [0, reach]].every((to) => hits(...to))) continue;
        small.push(`${Math.round(width)} x ${Math.round(height)}: ${part.outerHTML.slice(0, 160)}`);
    }
    return small;
}"""
# What ends right of the window, and can't be scrolled to.
CUT_OFF = """() => {
    const reachable = (part) => {
        for (let outer = part.parentElement; outer; outer = outer.parentElement) {
            if (["auto", "scroll"].includes(getComputedStyle(outer).overflowX)
                && outer !== document.body && !outer.matches("dialog")) return true;
        }
        return false;
    };
    return [...document.querySelectorAll(".gradio-container *")]
        .filter((part) => {
            const {left, right, width, height} = part.getBoundingClientRect();
            return width && height && (right > innerWidth + 1 || left < -1)
                && part.checkVisibility() && !part.closest("svg, .tl-hidden, .tl-skip")
                && !reachable(part);
        })
        .map((part) => part.outerHTML.slice(0, 160));
}"""
IN_LINE = """tab => {
    const [a, b] = [tab, tab.parentElement].map((part) => part.getBoundingClientRect());
    return a.left >= b.left && a.right <= b.right + 1;
}"""


def unfit(page: Page) -> list[str]:
    """Return what is cut off, or too small for a finger, at any of the widths."""
    own = page.viewport_size
    assert own is not None
    expect(page.locator(".progress-text:visible")).to_have_count(0)
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": own["height"]})
        page.wait_for_function(f"innerWidth === {width}")
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(f"!({CUT_OFF})().length", timeout=SETTLE_MS)
        sideways = page.evaluate("document.documentElement.scrollWidth") - width
        if sideways > 0:
            found.append(f"{width}: scrolls {sideways} pixels sideways")
        found += [f"{width}, cut off: {part}" for part in page.evaluate(CUT_OFF)[:3]]
        found += [f"{width}: {part}" for part in page.evaluate(SMALL_TARGETS, TARGET_PX)]
    page.set_viewport_size(own)
    page.wait_for_function(f"innerWidth === {own['width']}")
    return found


def stays_in_line(tab: Locator) -> None:
    """Expect that a tab's button is not scrolled away when a telephone is turned, and back."""
    page = tab.page
    own = page.viewport_size
    assert own is not None
    page.set_viewport_size({"width": 800, "height": 390})
    page.set_viewport_size(own)
    wait_for(lambda: tab.evaluate(IN_LINE), what="the open tab in its line")
