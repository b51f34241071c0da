"""Real components for tests: a clock to turn, servers to start, a network to disturb."""
