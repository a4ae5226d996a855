"""Completion: a script for each shell, and the values that only the configuration or a backend knows."""
