"""A wire between a browser and the house that can be cut, stalled and mended, as a mobile network is."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNK = 65_536


class Wire:
    """Forward connections from a port of its own to the house's, for as long as it is whole."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._is_cut = self._is_stalled = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def site(self) -> str:
        """Return the address of the site at this end."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """End every connection and take no new one."""
        self._is_cut, self._is_stalled = True, False
        self._end_all()

    def stall(self) -> None:
        """Take connections and never answer, as a phone at the edge of the network sees it."""
        self._is_cut, self._is_stalled = False, True
        self._end_all()

    def mend(self) -> None:
        """Forward again."""
        self._end_all()
        self._is_cut = self._is_stalled = False

    def close(self) -> None:
        """Take the wire down."""
        self._listener.close()
        self.cut()

    def _end_all(self) -> None:
        for held in list(self._open):
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            self._open.add(near)
            if not self._is_stalled:
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open.add(far)
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, goal: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK):
                goal.sendall(chunk)
        for held in (source, goal):
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            self._open.discard(held)


@contextmanager
def wire_to(site: str) -> Iterator[Wire]:
    """Lay a wire to a site until the end of the block."""
    wire = Wire(int(site.rpartition(":")[2]))
    try:
        yield wire
    finally:
        wire.close()
