"""Calls that come through Asterisk: FastAGI carries control, AudioSocket carries sound.

`AsteriskDoor` listens on two ports. Asterisk's dial plan connects to the first (``AGI(agi://…)``,
`agi`), is told there to connect its sound to the second (`audiosocket`), and names itself on it by
a UUID that was made for that one connection. Both together are one `AsteriskCall`, a
`CallTransport`; `conduct` says what Asterisk does next. See docs/decisions/0010-telephony.md.
"""

from ivr.transports.asterisk.door import AsteriskDoor

__all__ = ["AsteriskDoor"]
