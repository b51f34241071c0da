"""The running engine's reading of emotion, asked as the quality tests ask it."""

from tests.quality.conftest import understand

__all__ = ["understand"]
