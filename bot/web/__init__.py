"""Serving files of our own pages under a strict content security policy."""

from bot.web.files import PAGE_POLICY, StaticFile, load

__all__ = ["PAGE_POLICY", "StaticFile", "load"]
