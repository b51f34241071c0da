"""Asterisk's two ports, spoken to by a peer that is as good or as bad as a test wants."""
