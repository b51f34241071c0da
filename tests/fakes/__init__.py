"""The world outside this machine, as real HTTP servers on loopback."""
