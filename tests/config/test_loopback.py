"""Calls to this machine stay on it, whatever proxy the environment names."""

import subprocess
import sys

import pytest

from config.loopback import is_loopback, open_local
from tests.conftest import BASE_DIR


@pytest.mark.parametrize(
    "address",
    ["https://example.org/", "http://127.0.0.1.example.org/", "http://me@example.org", "file:///x"],
)
def test_another_host_is_never_called(address: str) -> None:
    assert not is_loopback(address)
    with pytest.raises(PermissionError):
        open_local(address, timeout=1)


def test_proxy_of_the_environment_is_not_asked() -> None:
    program = (
        "import http.server, threading\n"
        "from config.loopback import open_local\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers(); self.wfile.write(b'here')\n"
        "    def log_message(self, *args): pass\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), H)\n"
        "threading.Thread(target=server.handle_request).start()\n"
        "print(open_local(f'http://127.0.0.1:{server.server_port}/', timeout=5).read())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"http_proxy": "http://127.0.0.1:9", "PYTHONPATH": str(BASE_DIR)},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "b'here'", done.stderr
