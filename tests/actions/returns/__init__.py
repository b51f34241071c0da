"""Tests of actions.returns, a file for each of its subjects."""
