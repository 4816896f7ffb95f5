"""Push the project and its exported models to a Hugging Face Space.

`python -m tools.publish_space OWNER/NAME`, after `hf auth login` or with HF_TOKEN set. One commit
has all tracked files as they are now and the model files; what the Space has beyond that is
deleted. HF_ENDPOINT names another hub.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

from searcher.config.folders import ROOT
from searcher.config.settings import Settings
from searcher.models.text_format import TEXT
from tools.command import ToolError, run, say

MESSAGE = "Publish Twinlens"


def files(models: Path, names: list[str]) -> dict[str, Path]:
    """Return the files to publish, by their path in the Space.

    Args:
        models: The models folder.
        names: Names of models; empty for all.

    Raises:
        ToolError: This is no git repository, or a model is missing.
    """
    process = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise ToolError("This is no git repository, so it is not known what belongs to it.")
    tracked = {name: ROOT / name for name in process.stdout.split("\0") if name}
    existing = {name: path for name, path in tracked.items() if path.is_file()}
    present = {p.stem: p for p in models.glob("*.onnx") if not p.name.startswith(".")}
    if missing := [name for name in names if name not in present]:
        raise ToolError(
            f"There is no {missing[0]}.onnx in {models}: "
            f"`python -m searcher export {missing[0]}` makes one."
        )
    chosen = {stem for name in names for stem in (name, f"{name}{TEXT}")} or present.keys()
    content = existing | {f"models/{stem}.onnx": present[stem] for stem in chosen & present.keys()}
    return dict(sorted(content.items()))


def publish(options: argparse.Namespace) -> None:
    """List the files, and push them unless it is a dry run. Raises ToolError."""
    content = files(Settings.from_env().models_dir, options.models)
    for name, path in content.items():
        print(f"{path.stat().st_size:>12,}  {name}")
    total = sum(path.stat().st_size for path in content.values())
    print(f"{total:>12,}  bytes in {len(content)} files", flush=True)
    if options.dry_run:
        return
    api = HfApi()
    try:
        api.create_repo(
            options.space,
            repo_type="space",
            space_sdk="gradio",
            private=options.private,
            exist_ok=True,
        )
        remote = set(api.list_repo_files(options.space, repo_type="space"))
        commit = api.create_commit(
            options.space,
            [
                *(CommitOperationAdd(name, path) for name, path in content.items()),
                *(CommitOperationDelete(name) for name in sorted(remote - content.keys())),
            ],
            commit_message=MESSAGE,
            repo_type="space",
        )
    except LocalTokenNotFoundError as error:
        raise ToolError("Log in first: `hf auth login`, or set HF_TOKEN.") from error
    except HFValidationError as error:
        raise ToolError(f"“{options.space}” must be like OWNER/NAME.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        reason = error.server_message or error.response.reason_phrase
        raise ToolError(f"{api.endpoint} refused ({status}): {reason}") from error
    except httpx2.HTTPError as error:
        raise ToolError(f"{api.endpoint} can't be reached ({error}).") from error
    say(f"Published: {commit.commit_url}")


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.publish_space", description=__doc__)
    parser.add_argument("space", metavar="OWNER/NAME")
    parser.add_argument(
        "--models", nargs="+", default=[], metavar="NAME", help="default: all in MODELS_DIR"
    )
    parser.add_argument("--private", action="store_true", help="only you see a new Space")
    parser.add_argument("--dry-run", action="store_true", help="list files and sizes, push nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(publish, parse(sys.argv[1:])))
