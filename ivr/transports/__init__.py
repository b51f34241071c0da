"""Wires: one module a way of calling in. Only these modules know a wire's format."""

from ivr.transports.transport import (
    Audio,
    Caller,
    CallEvent,
    CallTransport,
    Digit,
    HungUp,
    TransferResult,
)

__all__ = [
    "Audio",
    "CallEvent",
    "CallTransport",
    "Caller",
    "Digit",
    "HungUp",
    "TransferResult",
]
