"""compose.yaml, the Dockerfile and docs/kubernetes agree with the app; runs without a container."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import yaml

from searcher.config.settings import Settings
from tests.servers import ROOT

READ = {field.alias for field in Settings.model_fields.values()}
KUBERNETES = sorted((ROOT / "docs" / "kubernetes").glob("*.yaml"))


@pytest.fixture
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return document


def dockerfile() -> list[str]:
    """The instructions, each on one line."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_services_and_what_they_refer_to_are_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"milvus", "redis", "app", "nginx", "export"}
    for service in compose["services"].values():
        mounts = [mount.split(":")[0] for mount in service["volumes"]]
        assert {m for m in mounts if not m.startswith("./")} <= set(compose["volumes"])
        assert all((ROOT / m).is_file() for m in mounts if m.startswith("./"))
        assert set(service.get("depends_on", {})) <= set(compose["services"])
    assert "healthcheck" in compose["services"]["milvus"]
    assert compose["services"]["export"]["profiles"], "TensorFlow is only pulled when asked for"


def test_the_apps_variables_are_those_it_reads(compose: dict[str, Any]) -> None:
    variables = compose["services"]["app"]["environment"]
    assert set(variables) <= READ
    given = {name: re.sub(r"\$\{[^}]*\}", "secret", str(text)) for name, text in variables.items()}
    settings = Settings.from_env(given)
    for address in (settings.milvus_uri, settings.redis_url):
        assert address is not None
        match = re.search(r"(?:@|//)(\w+):\d+", address)
        assert match is not None
        assert match[1] in compose["services"]


def test_the_image_has_all_that_the_app_imports(compose: dict[str, Any]) -> None:
    assert compose["services"]["app"]["build"] == "."
    lines = dockerfile()
    copied = {w for line in lines if line.startswith("COPY ") for w in line.split()[1:-1]}
    copied = {word for word in copied if not word.startswith(("--from", "/opt"))}
    assert {"app.py", "searcher", "models", "sample_images", "docker/health.py"} <= copied
    assert all((ROOT / name).exists() for name in copied)
    nginx = (ROOT / "docker" / "nginx.conf").read_text()
    assert "EXPOSE 7860" in lines
    assert "proxy_pass http://app:7860;" in nginx
    port = compose["services"]["nginx"]["ports"][0].rpartition(":")[2]
    assert f"listen {port};" in nginx
    pinned = (ROOT / "tests" / "requirements-server.in").read_text()
    version = compose["services"]["milvus"]["image"].rpartition(":v")[2]
    assert f"milvus=={version}\n" in pinned


def test_the_image_serves_as_a_user_and_tells_its_health() -> None:
    lines = dockerfile()
    stages = [line.split()[1:] for line in lines if line.startswith("FROM ")]
    assert stages[-1] == ["serve"], "what is built where no target is named"
    last = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert not any(line.startswith(("USER", "ENTRYPOINT")) for line in last)
    assert next(line for line in lines if line.startswith("USER ")) == "USER 1000"
    (check,) = (line for line in lines if line.startswith("HEALTHCHECK "))
    assert check.endswith('CMD ["python", "docker/health.py"]')
    assert any('INSTALL_MODELS="words efficientnet_lite0 efficientnet_lite2"' in x for x in lines)


def test_what_the_image_compiles_is_there() -> None:
    (line,) = (line for line in dockerfile() if line.startswith("RUN /opt/venv/bin/python -c"))
    modules = re.findall(r"searcher[.\w]+", line)
    assert len(modules) >= 5
    for module in modules:
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module


def test_the_image_lacks_tensorflow_alone() -> None:
    def names(path: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+)==", (ROOT / path).read_text(), re.MULTILINE))

    served, all_names = names("docker/requirements.lock"), names("requirements.lock")
    assert served < all_names
    assert not [n for n in served if n.startswith(("tensor", "keras", "tf2onnx"))]
    chosen = names("requirements.in") - {"tensorflow", "tensorflow-cpu", "tf2onnx"}
    assert chosen <= served, "run `make lock`"
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.findall(
        r"^[\w.-]+==\S+", (ROOT / "docker/requirements.lock").read_text(), re.MULTILINE
    )
    assert [pin for pin in pins if f"\n{pin} " not in lock and not lock.startswith(pin)] == []


@pytest.fixture
def health() -> Iterator[tuple[HTTPServer, list[int]]]:
    """A server whose /healthz answers with the statuses of a list, one after the other."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(statuses.pop() if self.path == "/healthz" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server, statuses
    finally:
        server.shutdown()
        server.server_close()


def test_the_health_check_says_what_healthz_says(health: tuple[HTTPServer, list[int]]) -> None:
    server, statuses = health

    def status(port: int) -> int:
        env = {
            "PORT": str(port),
            "ROOT_PATH": "https://a.example/demo",
            "http_proxy": "http://127.0.0.1:9",
        }
        command = [sys.executable, str(ROOT / "docker" / "health.py")]
        return subprocess.run(command, env=env, check=False, capture_output=True).returncode

    statuses += [503, 200]
    assert status(server.server_port) == 0
    assert status(server.server_port) == 1
    assert status(1) == 1


def test_the_kubernetes_objects_fit_each_other_and_the_settings() -> None:
    objects = [d for path in KUBERNETES for d in yaml.safe_load_all(path.read_text())]
    kinds = {f"{entry['kind']}/{entry['metadata']['name']}" for entry in objects}
    assert kinds >= {"Deployment/twinlens", "Service/twinlens", "Job/twinlens-index"}
    specs = [entry.get("spec", {}) for entry in objects]
    pods = [spec["template"]["spec"] for spec in specs if "template" in spec]
    assert len(pods) == 2
    (secret,) = (entry for entry in objects if entry["kind"] == "Secret")
    for pod in pods:
        assert pod["securityContext"].items() >= {"runAsUser": 1000, "fsGroup": 1000}.items()
        (container,) = pod["containers"]
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        assert mounts == {volume["name"] for volume in pod["volumes"]}
        for volume in pod["volumes"]:
            assert f"PersistentVolumeClaim/{volume['persistentVolumeClaim']['claimName']}" in kinds
        assert {variable["name"] for variable in container["env"]} <= READ | {"SHARDS"}
        references = [v["valueFrom"]["secretKeyRef"] for v in container["env"] if "valueFrom" in v]
        for reference in references:
            assert reference["name"] == secret["metadata"]["name"]
            assert reference["key"] in secret["stringData"]
    (deployment,) = (entry for entry in objects if entry["kind"] == "Deployment")
    (service,) = (entry for entry in objects if entry["kind"] == "Service")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert deployment["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"]
    assert deployment["spec"]["replicas"] == 1, "sessions are in the memory of one process"
