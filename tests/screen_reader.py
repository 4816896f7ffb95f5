"""What a page tells screen readers.

They tell reliably what changes within a live region that was there before. A region that comes with
its text, or is drawn anew with it, is told by some of them only, so it counts as silent here; those
that interrupt (`role=alert`) are told by all when they come.
"""

from playwright.sync_api import Page

from tests.servers import wait_for

LISTEN = """() => {
    window.heard = [];
    const live = "[role=status], [aria-live=polite]";
    const known = new WeakSet(document.querySelectorAll(live));
    new MutationObserver((changes) => {
        for (const {target} of changes) {
            const region = (target.closest ? target : target.parentElement)?.closest(live);
            if (known.has(region) && region.ariaLive !== "off") heard.push(region.textContent);
        }
        requestAnimationFrame(() => {
            for (const region of document.querySelectorAll(live)) known.add(region);
        });
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
TOLD = "text => heard.filter((words) => words.includes(text)).length"


def listen(page: Page) -> None:
    """Note from now on what the page tells."""
    page.evaluate(LISTEN)


def hears(page: Page, *texts: str) -> None:
    """Expect that the page has told texts since the last call, each once, in any order."""
    counts: dict[str, int] = {}

    def are_told() -> bool:
        counts.update({text: page.evaluate(TOLD, text) for text in texts})
        return all(counts.values())

    wait_for(are_told, what=lambda: f"{texts} among {page.evaluate('heard')}")
    assert set(counts.values()) == {1}, page.evaluate("heard")
    page.evaluate("heard.length = 0")
