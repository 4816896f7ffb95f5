"""docs/kubernetes/index-job.yaml agrees with the command line; runs without Kubernetes."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from searcher.cli.index_command import _read_shard
from searcher.config.settings import Settings
from tests.servers import ROOT


@pytest.fixture
def job() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        (ROOT / "docs" / "kubernetes" / "index-job.yaml").read_text()
    )
    return document


def test_the_job_has_what_its_container_refers_to(job: dict[str, Any]) -> None:
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    spec = job["spec"]
    assert spec["completionMode"] == "Indexed"
    assert spec["parallelism"] <= spec["completions"]
    pod = spec["template"]["spec"]
    assert pod["restartPolicy"] == "Never", "which backoffLimitPerIndex needs"
    (container,) = pod["containers"]
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    assert mounts == {volume["name"] for volume in pod["volumes"]}
    variables = {entry["name"] for entry in container["env"]} - {"SHARDS"}
    assert variables <= {field.alias for field in Settings.model_fields.values()}


def test_its_parts_are_all_parts_of_the_command_line(job: dict[str, Any], tmp_path: Path) -> None:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    values = {entry["name"]: entry.get("value", "") for entry in container["env"]}
    count = job["spec"]["completions"]
    program = tmp_path / "python"  # in place of the image's
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    parts = []
    for number in range(count):
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", **values}
        process = subprocess.run(
            [*container["command"], *container["args"]],
            env=environment | {"JOB_COMPLETION_INDEX": str(number)},
            capture_output=True,
            text=True,
            check=True,
        )
        *words, shard = process.stdout.splitlines()
        assert words == ["-m", "searcher", "index", "/pictures", "--shard"]
        parts.append(_read_shard(shard))
    assert parts == [(number, count) for number in range(1, count + 1)]
