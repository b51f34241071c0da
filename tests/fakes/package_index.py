"""A package index on loopback with packages made up for a test, and Vosk's site of models."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def wheel(name: str, files: dict[str, bytes]) -> tuple[str, bytes]:
    """File name and bytes of a pure wheel, version 1.0."""
    module = name.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return f"{module}-1.0-py3-none-any.whl", archive(files)


def archive(files: dict[str, bytes]) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for path, content in files.items():
            packed.writestr(path, content)
    return out.getvalue()


@dataclass
class Index:
    """Serves ``/simple/NAME/`` and files; ``breaks_after`` bytes a file's first answer is cut."""

    wheels: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    breaks_after: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        handler = functools.partial(_Handler, self)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, index: Index, *given: object) -> None:
        self.index = index
        super().__init__(*given)  # type: ignore[arg-type]

    def log_message(self, *_given: object) -> None:
        """Tests are quiet."""

    def do_GET(self) -> None:
        """Answer what is there."""
        path = self.path.split("?")[0]
        self.index.asked.append((path, self.headers.get("Range")))
        if path.startswith("/simple/"):
            found = self.index.wheels.get(path.removeprefix("/simple/").strip("/"))
            page = f'<a href="/files/{found[0]}">{found[0]}</a>' if found else None
            self._send(page.encode() if page else None, "text/html")
            return
        wheels = dict(self.index.wheels.values())
        name = path.rpartition("/")[2]
        self._send(self.index.files.get(path, wheels.get(name)), "application/octet-stream")

    def do_HEAD(self) -> None:
        """As GET; nobody here asks for more."""
        self.do_GET()

    def _send(self, content: bytes | None, kind: str) -> None:
        if content is None:
            self.send_error(404)
            return
        start = 0
        if (wanted := self.headers.get("Range")) and wanted.endswith("-"):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if self.command == "HEAD":
            return
        if self.index.breaks_after is not None and len(content) > self.index.breaks_after:
            self.wfile.write(content[start : self.index.breaks_after])
            self.index.breaks_after = None
            self.close_connection = True
            return
        self.wfile.write(content[start:])


def models_list(name: str, packed: bytes) -> bytes:
    """Vosk's list with one small Mandarin model."""
    md5 = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    entry = {"name": name, "lang": "cn", "type": "small", "obsolete": "false", "md5": md5}
    return json.dumps([entry]).encode()
