"""Where Asterisk is served, and within which limits."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from bot.settings import Settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Terms:
    """The settings ``YINGDA_ASTERISK…`` in force."""

    host: str
    agi_port: int
    audio_port: int
    audio_address: str
    """What Asterisk is told to connect its sound to, ``host:port``."""
    peers: tuple[Network, ...]
    dial: str
    max_calls: int
    max_waiting: int
    handshake_s: float
    stall_s: float
    max_talk_s: int

    def admits(self, address: str) -> bool:
        """Whether a peer with this IP address may connect."""
        try:
            peer = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(peer, ipaddress.IPv6Address) and peer.ipv4_mapped:
            peer = peer.ipv4_mapped
        return any(peer in network for network in self.peers)


def terms_of(settings: Settings) -> Terms:
    """Read them; `Settings` has checked their form."""
    host = settings.asterisk_host
    bracketed = f"[{host}]" if ":" in host else host
    return Terms(
        host=host,
        agi_port=settings.asterisk_agi_port,
        audio_port=settings.asterisk_audio_port,
        audio_address=settings.asterisk_audio_address
        or f"{bracketed}:{settings.asterisk_audio_port}",
        peers=tuple(settings.asterisk_peers),
        dial=settings.asterisk_dial,
        max_calls=min(settings.asterisk_max_calls, settings.ivr_max_calls),
        max_waiting=settings.asterisk_max_waiting,
        handshake_s=settings.asterisk_handshake_s,
        stall_s=settings.asterisk_stall_s,
        max_talk_s=settings.asterisk_max_talk_s,
    )
