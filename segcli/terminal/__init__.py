"""The standard streams: what they are, messages, prompts, and progress."""
