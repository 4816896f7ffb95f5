"""Look up pinned packages among the known vulnerabilities: `python -m tools.audit LOCK`."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.command import ToolError, run, say


def audit(options: argparse.Namespace) -> None:
    """Raise ToolError where a package has a known vulnerability.

    Where no advisories can be had, as on a machine that reaches only a mirror, nothing was
    audited, which is said and is no failure.
    """
    arguments = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *arguments, "-r", str(options.lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        say("No advisories can be had here, so nothing was audited: " + done.stderr[-200:].strip())
        return
    audited = [package for package in packages if "vulns" in package]
    say(f"{len(audited)} of {len(packages)} packages were looked up among the advisories.")
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, "
        f"fixed in {', '.join(vulnerability['fix_versions']) or 'no release yet'}"
        for package in audited
        for vulnerability in package["vulns"]
    ]
    if found:
        raise ToolError("\n".join(found))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit", description=__doc__)
    parser.add_argument("lock", type=Path, metavar="LOCK", help="pinned packages with hashes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(audit, parse(sys.argv[1:])))
