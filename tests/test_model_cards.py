"""The cards of the Models tab: their order, and what they say in each state."""

import re
from dataclasses import replace

from searcher.library.speeds import Speed
from searcher.library.status import Status
from searcher.messages.message import message
from searcher.models.catalog import CATALOGUE
from searcher.models.registry import Model
from searcher.ui.components.model_cards import cards_html, sort_names
from searcher.ui.i18n import use_language

READY = Model("mean", "ready", title="Mean", licence="MIT", dim=3, megabytes=0.2, digest="0" * 64)
BETTER = replace(READY, name="better", title="Better", megabytes=120.0)
KERAS = CATALOGUE["resnet50"]
ABSENT = Model(
    *(KERAS.name, "available"),
    title=KERAS.title,
    download=KERAS.megabytes,
    install_s=67.6,
    megabits_per_s=100.0,
)
BROKEN = Model("bad", "broken", message("model.contract", name="bad.onnx", reason="it is blue"))


def status(*models: Model) -> Status:
    coverage = (("mean", 5), ("better", 9))
    speeds = (("mean", Speed(1.5, "CPU")),)
    return Status(True, pictures=9, models=models, coverage=coverage, speeds=speeds)


def card(model: Model, quality: float | None = None, read_only: bool = False) -> str:
    known = {} if quality is None else {model.name: quality}
    html = cards_html(status(model), read_only, known, [model.name])
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_best_come_first_then_what_does_not_work_then_what_is_not_there() -> None:
    every = status(ABSENT, BROKEN, READY, BETTER)
    assert sort_names(every, {}) == ("mean", "better", "bad", "resnet50")
    assert sort_names(every, {"mean": 0.2, "better": 0.7}) == ("better", "mean", "bad", "resnet50")


def test_nothing_moves_while_one_looks_at_it() -> None:
    order = sort_names(status(ABSENT, READY), {})
    installed = replace(ABSENT, state="ready", dim=8)
    later = sort_names(status(installed, BETTER, READY), {"resnet50": 0.9}, order)
    assert later == (*order, "better")
    assert sort_names(status(READY), {}, later) == ("mean",)


def test_every_state_has_the_same_parts() -> None:
    failed = replace(ABSENT, state="failed", reason=message("hub.status", status=500))
    for model in (READY, ABSENT, BROKEN, failed, replace(ABSENT, state="installing")):
        html = cards_html(status(model), False, {}, [model.name])
        assert html.count("<dt>") == 4
        assert html.count('class="tl-progress"') == html.count("<button") == 1


def test_a_card_says_what_one_chooses_by() -> None:
    text = card(READY, 0.8123)
    for part in ("Mean ready", "5 of 9 indexed", "size under 1 MB", "a picture 1.5 ms · CPU"):
        assert part in text
    assert "precision@10 0.812" in text
    assert "licence MIT" in text
    assert "precision@10 –" in card(READY)
    assert "Remove" not in card(READY, read_only=True)


def test_an_installation_says_what_it_takes_before_and_how_far_it_is_meanwhile() -> None:
    text = card(ABSENT)
    assert "size 94.8 MB" in text
    assert "94.8 MB to download, about 2 minutes at 100 Mbit/s" in text
    stage = message("hub.downloading", done=20.0, total=94.8)
    assert "downloading 20 of 94.8 MB" in card(replace(ABSENT, state="installing", reason=stage))
    with use_language("es"):
        assert "94,8 MB por descargar, cerca de 2 minutos a 100 Mbit/s" in card(ABSENT)


def test_a_failed_card_says_why_in_plain_words_and_the_rest_on_request() -> None:
    titles, command = ("ResNet50",), "python -m searcher export resnet50"
    reason = message("install.no_weights", n=1, titles=titles, command=command, again=command)
    for model, plain, technical in (
        (replace(ABSENT, state="failed", reason=reason), "Is there a network?", "KERAS_HOME"),
        (BROKEN, "This file can&#39;t be used as a model.", "does not fulfil the model contract"),
        (
            replace(READY, words_reason=message("model.no_words", model="Mean")),
            "It does not understand words here.",
            "Mean does not understand words.",
        ),
    ):
        html = cards_html(status(model), False, {}, [model.name])
        shown, folded = html.split("<details>")
        assert plain in shown
        assert technical not in shown
        assert technical in folded
