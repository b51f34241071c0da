"""A process to supervise: answers 200 on any path, or does what its mode says.

    python little_server.py PORT [stubborn | broken | parent]

stubborn ignores SIGTERM; broken says why and ends at once; parent has a child that holds on.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Well(BaseHTTPRequestHandler):
    """Always 200, with this process's id."""

    def do_GET(self) -> None:
        """Answer."""
        body = b'{"pid": %d, "model": "m"}' % os.getpid()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: int, mode: str) -> None:
    """Serve until ended."""
    if mode == "broken":
        print("the flux capacitor is missing")
        sys.exit(3)
    if mode in ("stubborn", "parent"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "parent":
        child = os.fork()
        if child == 0:
            time.sleep(600)
        print(f"child {child}", flush=True)
    HTTPServer(("127.0.0.1", port), Well).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
