"""The doors customers come in by: one folder a channel, each verifying, parsing and delivering.

A channel imports from `bot`; `bot` never imports from here.
"""
