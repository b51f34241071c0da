"""Temporary files: a voice message and a picture are there, others can be uploaded.

Source: developers.weixin.qq.com, "获取临时素材" and "新增临时素材" (kept for three days).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import Clock

MOST = 10 * 1024 * 1024
_HEADS = {
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF8",
    "bmp": b"BM",
}
KEPT = timedelta(days=3)
_FOLDER = Path(__file__).parent / "media"


@dataclass(frozen=True)
class File:
    """Bytes with their type; ``since`` None is always there."""

    content: bytes
    content_type: str
    name: str
    since: datetime | None = None


def picture_fault(content: bytes, name: str, *, company: bool) -> int:
    """Error code of a picture that is uploaded, 0 if good.

    At most 10 MB; bmp, png, jpeg, jpg and gif (新增临时素材), for a company (企业微信, 上传临时素材)
    more than 5 bytes of JPG or PNG. The name's ending counts, and so does what is in it.
    """
    if len(content) > MOST or (company and len(content) <= 5):
        return 40009
    ending = name.rpartition(".")[2].lower()
    taken = ("jpg", "jpeg", "png") if company else tuple(_HEADS)
    if ending not in taken or not content.startswith(_HEADS[ending]):
        return 40005
    return 0


class Media:
    """The files of a platform. ``voice`` is 1.3 s of three notes in AMR, ``picture`` a JPEG."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        voice = (_FOLDER / "voice.amr").read_bytes()
        picture = (_FOLDER / "picture.jpg").read_bytes()
        self._files = {
            "voice": File(voice, "audio/amr", "voice.amr"),
            "picture": File(picture, "image/jpeg", "picture.jpg"),
        }

    def add(self, content: bytes, content_type: str, name: str) -> str:
        """Keep a file; returns its media_id."""
        media_id = secrets.token_urlsafe(24)
        self._files[media_id] = File(content, content_type, name, self._clock())
        return media_id

    def get(self, media_id: str) -> File | None:
        """The file, while it is kept."""
        file = self._files.get(media_id)
        if file is None or (file.since is not None and self._clock() - file.since > KEPT):
            return None
        return file

    def has(self, media_id: str) -> bool:
        """Whether there is such a file."""
        return self.get(media_id) is not None
