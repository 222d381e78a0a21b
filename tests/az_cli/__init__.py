"""Tests with the real az CLI."""
