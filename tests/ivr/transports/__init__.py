"""Ways of calling in."""
