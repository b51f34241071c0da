"""Serving files: of our own pages under a strict policy, and those that people sent."""

from bot.web.files import PAGE_POLICY, StaticFile, load
from bot.web.sent import file_response

__all__ = ["PAGE_POLICY", "StaticFile", "file_response", "load"]
