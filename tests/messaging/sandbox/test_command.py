"""The command: it starts, says where, stops cleanly, and says what to do when it cannot start."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3
from django.core.management import CommandError, call_command

from tests.conftest import BASE_DIR
from tests.harness.ports import free_port


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_command_serves_on_loopback_only_until_it_is_stopped(
    child_environment: dict[str, str], stop: signal.Signals
) -> None:
    port = free_port()
    command = [sys.executable, "manage.py", "sandbox", "--port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=BASE_DIR,
        env=child_environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout

    assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
    assert urllib3.request("GET", f"http://127.0.0.1:{port}/").status == 200
    assert addresses_listening(port) == ["0100007F"]  # 127.0.0.1 and no other
    process.send_signal(stop)
    assert process.wait(60) == os.EX_OK
    assert "Traceback" not in process.stdout.read()


def addresses_listening(port: int) -> list[str]:
    """Return the hexadecimal addresses at which something listens on a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    listening = [row[1].split(":") for row in rows if row[3] == "0A"]
    return [address for address, found in listening if int(found, 16) == port]


def test_port_in_use_is_named_with_the_way_to_move(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=str(port)) as caught:
            call_command("sandbox", port=port)

    assert "WAYMARK_SANDBOX_PORT" in str(caught.value)
    assert "--port" in str(caught.value)
