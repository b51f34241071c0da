"""Shares with their uncertainty."""

from __future__ import annotations

from math import sqrt

from bot.reports.models import Rate

Z_95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""

TOO_FEW = 30
"""Below this many episodes a cell is greyed (DESIGN.md section 3)."""


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of ``k`` of ``n``, n > 0.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927). It stays within 0 and 1 and is honest for small n and shares near 0 or 1.
    """
    share = k / n
    z2 = Z_95 * Z_95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # At the borders the formula is exact, rounding is not.
    return (0.0 if k == 0 else middle - half, 1.0 if k == n else middle + half)


def rate(k: int, n: int, *, provisional: bool = False) -> Rate:
    """``k`` of ``n`` as it is shown; without a rate where there is nothing to measure."""
    if n == 0:
        return Rate(n=0, k=0, rate=None, low=None, high=None, provisional=provisional, greyed=True)
    low, high = wilson(k, n)
    return Rate(
        n=n, k=k, rate=k / n, low=low, high=high, provisional=provisional, greyed=n < TOO_FEW
    )
