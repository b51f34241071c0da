"""The hotline: sound in, sound out, in a process of its own.

`transports` know wires (Asterisk, browser, file), `hearing` turns speech into text, `voices` text
into speech; the call flow in between knows none of their formats. What is answered comes from the
same turn as on every other channel, over the service's internal door.
"""
