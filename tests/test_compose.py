"""compose.yaml agrees with the app's settings; runs without a container."""

import re
from typing import Any

import pytest
import yaml

from searcher.config.settings import Settings
from tests.servers import ROOT


@pytest.fixture
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return document


def test_services_and_what_they_refer_to_are_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"milvus", "redis", "app"}
    for service in compose["services"].values():
        volumes = [mount.split(":")[0] for mount in service["volumes"]]
        assert set(volumes) <= set(compose["volumes"])
        assert set(service.get("depends_on", {})) <= set(compose["services"])
    assert "healthcheck" in compose["services"]["milvus"]


def test_the_apps_variables_are_those_it_reads(compose: dict[str, Any]) -> None:
    read = {field.alias for field in Settings.model_fields.values()}
    variables = compose["services"]["app"]["environment"]
    assert set(variables) <= read
    given = {name: re.sub(r"\$\{[^}]*\}", "secret", str(text)) for name, text in variables.items()}
    settings = Settings.from_env(given)
    for address in (settings.milvus_uri, settings.redis_url):
        assert address is not None
        match = re.search(r"(?:@|//)(\w+):\d+", address)
        assert match is not None
        assert match[1] in compose["services"]


def test_the_image_has_all_that_the_app_imports(compose: dict[str, Any]) -> None:
    assert compose["services"]["app"]["build"] == "."
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    assert {"app.py", "searcher", "models", "sample_images", "requirements.txt"} <= copied
    assert all((ROOT / name).exists() for name in copied)
    port = compose["services"]["app"]["ports"][0].rpartition(":")[2]
    assert f"EXPOSE {port}" in lines
    pinned = (ROOT / "tests" / "requirements-server.in").read_text()
    version = compose["services"]["milvus"]["image"].rpartition(":v")[2]
    assert f"milvus=={version}\n" in pinned
