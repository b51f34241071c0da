"""``/api/desk`` over HTTP: every endpoint declares its operation, bodies are bounded and parsed."""
