"""Check pinned packages for known vulnerabilities: `python -m tools.audit LOCK`."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.command import ToolError, run, say


def audit(options: argparse.Namespace) -> None:
    """Check the packages of a lock file.

    Without access to the advisories, as on a machine that reaches only a mirror, it prints that
    nothing was audited, and succeeds.

    Raises:
        ToolError: A package has a known vulnerability.
    """
    arguments = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json"]
    process = subprocess.run(
        [sys.executable, "-m", "pip_audit", *arguments, "-r", str(options.lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages: list[dict[str, Any]] = json.loads(process.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = process.stderr[-200:].strip()
        say("No advisories can be had here, so nothing was audited: " + reason)
        return
    audited = [package for package in packages if "vulns" in package]
    say(f"{len(audited)} of {len(packages)} packages were looked up among the advisories.")
    vulnerabilities = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, "
        f"fixed in {', '.join(vulnerability['fix_versions']) or 'no release yet'}"
        for package in audited
        for vulnerability in package["vulns"]
    ]
    if vulnerabilities:
        raise ToolError("\n".join(vulnerabilities))


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit", description=__doc__)
    parser.add_argument("lock", type=Path, metavar="LOCK", help="pinned packages with hashes")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(audit, parse(sys.argv[1:])))
