"""The pure parts of the page's scripts, each in an empty page: places, directions, words."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from searcher.ui.assets import static

# A script as Gradio runs it, with its element and what the element does; returns what a test names.
RUN = """([source, html, expression]) => {
    document.body.innerHTML = `<div id="element">${html}</div>`;
    const element = document.getElementById("element");
    Object.assign(window, { triggered: [], watchers: [] });
    return new Function("element", "trigger", "watch", `${source}; return ${expression};`)(
        element, (...event) => triggered.push(event), (name, watcher) => watchers.push(watcher),
    );
}"""
DRAW = "watchers.forEach((watcher) => watcher())"
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 600})
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.fixture
def run(page: Page) -> Run:
    """Run a script of searcher/ui/static on some HTML and return the value of an expression."""

    def evaluate(script: str, expression: str, html: str = "") -> Any:
        # Of modules, which import each other, each is tested alone.
        source = re.sub(
            r"^(export |import .*$)", "", static(f"{script}.js").read_text(), flags=re.M
        )
        return page.evaluate(RUN, [source, html, expression])

    return evaluate


@pytest.mark.parametrize(
    ("point", "cost"),
    [
        ((30, 0), 30),
        ((30, 10), 50),  # what lies aside counts twice
        ((30, -10), 50),
        ((10, 30), 70),
        ((0, 10), None),  # straight aside is not ahead
        ((-1, 0), None),
        ((0, 0), None),  # nor is the picture itself
    ],
)
def test_the_key_to_the_right_goes_to_what_lies_right(
    run: Run, point: tuple[int, int], cost: int | None
) -> None:
    x, y = point
    expression = f"costAhead([100, 100], [{100 + x}, {100 + y}], [1, 0])"
    assert run("map/points", f"Number.isFinite({expression}) ? {expression} : null") == cost


@pytest.mark.parametrize(
    ("view", "position", "expected"),
    [
        ("x: 0.5, y: 0.5, scale: 1", "0.5, 0.5", [200, 100]),
        ("x: 0.5, y: 0.5, scale: 1", "0, 0", [114, 186]),  # y points up
        ("x: 0.5, y: 0.5, scale: 1", "1, 1", [286, 14]),
        ("x: 1, y: 1, scale: 2", "1, 1", [200, 100]),  # zoomed to a corner
    ],
)
def test_a_map_fills_the_short_side_of_its_canvas(
    run: Run, view: str, position: str, expected: list[float]
) -> None:
    shown = f"{{ {view}, width: 400, height: 200 }}"
    assert run("map/view", f"toScreen({shown}, {position})") == expected
    back = f"fromScreen({shown}, {expected[0]}, {expected[1]})"
    assert run("map/view", back) == pytest.approx([float(part) for part in position.split(",")])


def test_what_lies_within_a_lasso(run: Run) -> None:
    horseshoe = "[[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3]]"
    points = "[[0.5, 2], [1.5, 2], [2.5, 2], [1.5, 0.5], [4, 2]]"
    found = run("map/view", f"{points}.map(([x, y]) => isInside({horseshoe}, x, y))")
    assert found == [True, False, True, True, False]


@pytest.mark.parametrize(
    ("fit", "picture", "expected"),
    [
        ("contain", (400, 100), [0, 75, 200, 50]),  # wide: bars above and below
        ("contain", (100, 400), [75, 0, 50, 200]),
        ("contain", (50, 50), [0, 0, 200, 200]),  # a small picture is enlarged …
        ("scale-down", (50, 50), [75, 75, 50, 50]),  # … where it may be
    ],
)
def test_a_region_is_marked_where_the_picture_lies(
    run: Run, fit: str, picture: tuple[int, int], expected: list[float]
) -> None:
    image = (
        "Object.assign(document.createElement('img'), {style: 'position:absolute;left:0;top:0;"
        f"width:200px;height:200px;object-fit:{fit}'}})"
    )
    natural = (
        f"Object.defineProperties(document.body.appendChild({image}), "
        f"{{naturalWidth: {{value: {picture[0]}}}, naturalHeight: {{value: {picture[1]}}}}})"
    )
    style = run("region_box", f"imageArea({natural}, document.documentElement)")
    assert [style[key] for key in ("left", "top", "width", "height")] == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("between([0.7, -1], [0.2, 0.5])", [0.2, 0, 0.7, 0.5]),  # drawn up and left, out of it
        ("moved([0.2, 0.2, 0.5, 0.5], 0.9, -0.1)", [0.7, 0.1, 1, 0.4]),
        ("sized([0.2, 0.2, 0.5, 0.5], 'e', 0.2, 0.2)", [0.2, 0.2, 0.7, 0.5]),
        ("sized([0.2, 0.2, 0.5, 0.5], 'nw', 0.6, 2)", [0.5, 0.5, 0.8, 1]),  # past the others
        ("grown([0.99, 0.2, 1, 0.5])", [0.95, 0.2, 1, 0.5]),
    ],
)
def test_a_region_stays_within_the_picture(run: Run, change: str, expected: list[float]) -> None:
    assert run("region_box", change) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("en", 1, "1 picture"),
        ("en", 0, "0 pictures"),
        ("en", 1234, "1,234 pictures"),
        ("es", 12345, "12.345 pictures"),
    ],
)
def test_a_number_is_put_into_words(run: Run, language: str, number: int, words: str) -> None:
    forms = json.dumps({"one": "{n} picture", "other": "{n} pictures"})
    language_set = f"document.documentElement.lang = {language!r}"
    assert run("plurals", f"({language_set}, pluralize({forms!r}, {number}))") == words


def test_ticking_twice_unticks(run: Run) -> None:
    both = "(toggle(ticked, '1'), toggle(ticked, '2'), toggle(ticked, '1'), [...ticked])"
    assert run("browse", both) == ["2"]


CARDS = """<section class="shown"><div data-id="7"><button data-action="open">x</button></div>
<button data-action="remove" data-name="vgg16">y</button><a href="#">z</a></section>"""


@pytest.mark.parametrize(
    ("selector", "meaning"),
    [
        ("[data-id] button", "open 7"),
        ("[data-name]", "remove vgg16"),
    ],
)
def test_a_press_means_an_action_on_its_owner(run: Run, selector: str, meaning: str) -> None:
    assert run("stable_clicks", f"meaningOf(element.querySelector('{selector}'))", CARDS) == meaning


def test_a_control_is_the_nearest_within_the_element(run: Run) -> None:
    of = "controlOf(element.querySelector('{}'))?.dataset.action ?? null"
    assert run("stable_clicks", of.format("[data-name]"), CARDS) == "remove"
    # A link changes nothing that is pressed.
    assert run("stable_clicks", of.format("a"), CARDS) is None


def test_examples_are_named_after_their_files(run: Run) -> None:
    html = """<i data-example>Example {name}</i><button class="gallery-item">
        <img src="/file=queries/traffic%20light_02.jpg"></button>"""
    name = "(nameExamples(), element.querySelector('button').ariaLabel)"
    assert run("controls", name, html) == "Example traffic light 02"


def toast(*texts: str) -> str:
    """A toast as Gradio makes it, with several texts of one kind."""
    line = '<div class="toast-separator"></div>'
    items = line.join(
        f'<div class="toast-message-item"><div data-testid="toast-text">{text}</div></div>'
        for text in texts
    )
    return f"""<div data-testid="toast-body"><div class="toast-header" role="button" tabindex="0">
        Info <span class="toast-count">({len(texts)})</span>
        <button data-testid="toast-close"
          onclick="this.closest('[data-testid]').dataset.closed = 1">
        </button></div>{items}</div>"""


def test_toasts_say_nothing_twice(run: Run) -> None:
    html = f"""<div>{toast("one", "two", "one")}{toast("two")}{toast("three")}
        {toast("Connection to the server was lost. Attempting reconnection...")}</div>"""
    answer = run(
        "toasts",
        """(async () => {
            document.body.append(document.createElement("p"));
            await new Promise(requestAnimationFrame);
            const all = (part, name) => [...part.querySelectorAll(`[data-testid=${name}]`)];
            return [
                all(element, "toast-text")
                    .filter(part => part.checkVisibility() && !part.closest("[data-closed]"))
                    .map(part => part.textContent),
                element.querySelector(".toast-count").textContent,
                element.querySelector(".toast-header").getAttribute("role"),
            ];
        })()""",
        html,
    )
    assert answer == [["one", "two", "three"], "(2)", None]


@pytest.mark.parametrize(
    ("attribute", "is_news", "events"),
    [
        ("", "false", []),
        ("data-counted=60", "true", []),
        ("data-counted=32", "false", [["submit"]]),
        ("data-counted=0", "false", [["submit"]]),
        ("data-counted=61", "false", []),  # the visitor's own, which the counter lacks yet
        ("data-counted=61", "true", [["submit"]]),
    ],
)
def test_a_list_with_room_is_shown_anew_when_there_are_other_pictures(
    run: Run, attribute: str, is_news: str, events: list[list[str]]
) -> None:
    html = f'<div id="library-summary"><b data-pictures="60"></b></div><p {attribute}></p>'
    assert run("shelf", f"(showAnew({is_news}), triggered)", html) == events


@pytest.mark.parametrize(
    ("asked", "displayed", "times"),
    [
        ("", "v2", 0),
        ("data-unanswered=v1", "v1", 0),
        ("data-unanswered=v1", "v2", 1),
        ("data-waits=done", "v2", 0),
        ("data-waits=done", "v2 data-done", 1),
    ],
)
def test_a_query_without_an_answer_is_asked_again_once_for_each_change(
    run: Run, asked: str, displayed: str, times: int
) -> None:
    html = f"""<div id="status"><b data-version={displayed}></b></div><p {asked}></p>"""
    assert run("unanswered", f"({DRAW}, {DRAW}, triggered.length)", html) == times


@pytest.mark.parametrize(("counted", "hidden"), [(60, True), (59, False), (61, False)])
def test_a_full_list_offers_to_be_shown_anew(run: Run, counted: int, hidden: bool) -> None:
    html = f"""<div id="library-summary"><b data-pictures="60"></b></div>
        <p data-counted={counted}><button data-action="anew" hidden></button></p>"""
    offer = "element.querySelector('button')"
    assert run("shelf", f"(showAnew(true), [{offer}.hidden, triggered.length])", html) == [
        hidden,
        0,
    ]
    assert run("shelf", f"({offer}.click(), triggered)", html) == [["submit"]]
