"""A real nginx before an app, with the configuration that docs/proxy.md shows."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.certificates import certify
from tests.servers import ROOT, App, answers, free_port, has_ipv6, stopping, wait_for

MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_proxied any;
    gzip_types text/css text/event-stream application/json application/javascript image/svg+xml;
    {keeping}
    {removing}
}}
"""
# What jupyter-server-proxy sends beside the browser's own headers, for a path that it removes.
JUPYTER = """
        proxy_set_header X-Forwarded-Context {path};
        proxy_set_header X-ProxyContextPath {path};
        proxy_set_header X-Forwarded-Prefix {path};
"""


@dataclass(frozen=True)
class Proxy:
    """The addresses of an app behind nginx, without a slash at the end.

    Attributes:
        keeping: Passes the path on.
        removing: Removes it, and says so as JupyterHub's proxy does.
        ipv6: As `keeping`, at the machine's IPv6 address; "" where it has none.
        certificate: The file of the certificate.
    """

    keeping: str
    removing: str
    ipv6: str
    certificate: Path


@contextmanager
def nginx_before(app: App, path: str, folder: Path) -> Iterator[Proxy]:
    """Run nginx before an app whose ROOT_PATH is `path`; skips the test where there is none."""
    executable = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not executable:
        pytest.skip("nginx is not installed")
    certificate, key = certify(folder)
    keeping, removing = free_port(), free_port()
    servers = [_server(app, path, port, certificate, key) for port in (keeping, removing)]
    passing = f"proxy_pass {app.url};"
    assert passing in servers[1]
    servers[1] = servers[1].replace(passing, f"proxy_pass {app.url}/;" + JUPYTER.format(path=path))
    text = MAIN.format(folder=folder, keeping=servers[0], removing=servers[1])
    file = folder / "nginx.conf"
    file.write_text(text)
    log = folder / "nginx.log"
    with log.open("wb") as output:
        command = [executable, "-p", str(folder), "-c", str(file)]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    with stopping(process):
        wait_for(lambda: answers(keeping) or process.poll() is not None, what=log.read_text)
        assert process.poll() is None, log.read_text()
        yield Proxy(
            f"https://localhost:{keeping}{path}",
            f"https://localhost:{removing}{path}",
            f"https://[::1]:{keeping}{path}" if has_ipv6() else "",
            certificate,
        )


def _server(app: App, path: str, port: int, certificate: Path, key: Path) -> str:
    """The server of docs/proxy.md, for other ports and another path."""
    (block,) = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/proxy.md").read_text(), re.DOTALL)
    changes = {
        "listen [::]:443 ssl http2;": f"listen [::1]:{port} ssl http2;" if has_ipv6() else "",
        "listen 443": f"listen 127.0.0.1:{port}",
        "server_name pictures.example": "server_name localhost",
        "/etc/ssl/pictures.example.pem": str(certificate),
        "/etc/ssl/pictures.example.key": str(key),
        "location /demo/": f"location {path}/",
        "http://127.0.0.1:7860": app.url,
    }
    for original, replacement in changes.items():
        assert original in block, original
        block = block.replace(original, replacement)
    return block
