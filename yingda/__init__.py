"""Yingda's composition root: the app factory, the command line and the launcher.

Nothing below this package (``channels``, ``bot``, ``actions``) may import it.
"""
