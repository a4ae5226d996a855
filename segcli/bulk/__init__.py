"""Changing many memberships at once: chunks, parallel requests, resuming, limits, what was done."""
