"""The second factor: time-based codes (RFC 6238), one step of drift, each code good once."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STEP_S = 30
DRIFT = (0, -1, 1)
ISSUER = "禾沐生活客服"


@dataclass(frozen=True)
class Factor:
    """An agent's second factor.

    Args:
        secret: base32.
        on: whether the agent has shown that they can make codes.
        used: the last time step whose code was used.
    """

    secret: str
    on: bool = False
    used: int = 0


class Factors:
    """Seals second factors for the database and opens them again.

    Args:
        key: secret of the service; what seals is derived from it. With another key every sealed
            factor is unreadable, and the agent must be given a new one.
    """

    def __init__(self, key: str) -> None:
        derived = HKDF(SHA256(), 32, None, b"yingda desk second factor 1").derive(key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, factor: Factor) -> str:
        """As it is stored."""
        content = json.dumps([factor.secret, factor.on, factor.used])
        return self._fernet.encrypt(content.encode()).decode()

    def unseal(self, sealed: str | None) -> Factor | None:
        """As it was stored; None where there is none.

        Raises:
            InvalidToken: sealed with another key.
        """
        if sealed is None:
            return None
        secret, on, used = json.loads(self._fernet.decrypt(sealed.encode()))
        return Factor(secret, on, used)


def new_factor() -> Factor:
    """A fresh secret of 160 bits, not yet in force."""
    return Factor(pyotp.random_base32())


def address_of(factor: Factor, login: str) -> str:
    """The ``otpauth://`` address that authenticator apps read as a QR code."""
    return pyotp.TOTP(factor.secret).provisioning_uri(name=login, issuer_name=ISSUER)


def accept(factor: Factor, code: str, now: datetime) -> Factor | None:
    """The factor with this code used up; None if the code is wrong, late, early or used before."""
    step = int(now.timestamp()) // STEP_S
    codes = pyotp.TOTP(factor.secret)
    for candidate in (step + drift for drift in DRIFT):
        if candidate > factor.used and pyotp.utils.strings_equal(
            codes.at(candidate * STEP_S), code
        ):
            return Factor(factor.secret, True, candidate)
    return None


__all__ = [
    "Factor",
    "Factors",
    "InvalidToken",
    "accept",
    "address_of",
    "new_factor",
]
