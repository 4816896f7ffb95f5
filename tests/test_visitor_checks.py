"""Visitors' checks of networks: they can be stopped, and count for quotas."""

import contextlib
import threading
from pathlib import Path

import pytest

from searcher.errors import InstallCancelled, NoRoom, NotAllowed
from searcher.export.hub import HubModel
from searcher.export.scratch import scratch_folder
from searcher.library.core import Library
from searcher.library.uploads import Upload
from searcher.models.hub_layout import HubFiles
from searcher.models.hub_reference import parse
from searcher.ui.components import model_check
from searcher.ui.security.metered_library import Metered
from tests.parameters import MakeSettings
from tests.servers import wait_for
from tests.test_proposals import descriptors, library, network, waiting

__all__ = ["library", "network"]  # fixtures


def test_stop_ends_a_check_that_reports_nothing(
    library: Library, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "0" * 16
    uploads = [Upload(network, network.name)]
    monkeypatch.setattr(model_check, "uploaded_files", lambda files, limit: uploads)
    monkeypatch.setattr("searcher.library.proposals.secrets.token_hex", lambda count: token)
    path = library.settings.proposals / token / "net.onnx"
    cancelled = threading.Event()

    def check() -> None:
        with contextlib.suppress(InstallCancelled):
            model_check.check_for_visitor(library, "file", "", "net", "", {})
            return
        cancelled.set()

    with scratch_folder(path):  # so that the check waits
        threading.Thread(target=check, daemon=True).start()
        wait_for(lambda: descriptors(path.with_name(".net.lock")) == 2)
        library.jobs.stop("", "job.checking_model")
        assert cancelled.wait(60)


def test_visitors_bring_public_models_unless_the_server_lends_its_token(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        model_check,
        "describe",
        lambda reference, variant, anonymous, words: asked.append(anonymous),
    )
    for value in ("0", "1"):
        library = Metered(make_settings(VISITORS_USE_HF_TOKEN=value))
        model_check.describe_for_visitor(library, "hf:o/net", "")
    assert asked == [True, False]
    library = Metered(make_settings(ALLOW_URLS="0"))
    with pytest.raises(NotAllowed, match="ALLOW_URLS is 0"):
        model_check.describe_for_visitor(library, "hf:o/net", "")
    assert len(asked) == 2


def test_models_of_the_hub_count_for_the_quota_of_the_visitor(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = HubFiles("model.onnx", "fp32")
    model = HubModel(parse("hf:o/net"), "0" * 40, files, sizes={"model.onnx": 2 * 2**20})
    monkeypatch.setattr(model_check, "describe", lambda *arguments: model)
    library = Metered(make_settings(VISITOR_UPLOADS_MB="1"))
    with pytest.raises(NoRoom):
        model_check.check_for_visitor(library, None, "hf:o/net", "", "", {})
    assert waiting(library) == []
