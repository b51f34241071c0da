"""Real calls: a phone dials a real Asterisk, which brings the call to us."""
