"""Segments as code: what a manifest says, what would change, and how it is applied."""
