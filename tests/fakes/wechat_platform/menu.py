"""What the platform takes as a menu.

Source: developers.weixin.qq.com, "创建自定义菜单": at most 3 entries of 5; a name has at most 16
bytes on the first level and 60 below, a key 128, an address 1,024.
"""

from __future__ import annotations

from typing import Any

_WITH_KEY = ("click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "location_select")


def menu_fault(body: dict[str, Any]) -> int:
    """Error code, 0 if good."""
    buttons = body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        return 40016
    for button in buttons:
        if not isinstance(button, dict):
            return 47001
        if not 1 <= len(str(button.get("name", "")).encode()) <= 16:
            return 40018
        below = button.get("sub_button")
        if below:
            if not 1 <= len(below) <= 5:
                return 40023
            for entry in below:
                if not 1 <= len(str(entry.get("name", "")).encode()) <= 60:
                    return 40025
                if fault := _entry_fault(entry):
                    return fault
        elif fault := _entry_fault(button):
            return fault
    return 0


def _entry_fault(entry: dict[str, Any]) -> int:
    kind = entry.get("type")
    if kind in _WITH_KEY:
        return 0 if 1 <= len(str(entry.get("key", "")).encode()) <= 128 else 40019
    if kind == "view":
        url = str(entry.get("url", ""))
        return 0 if url.startswith("http") and len(url.encode()) <= 1024 else 40020
    return 0 if kind in ("miniprogram", "media_id", "article_id") else 40017
