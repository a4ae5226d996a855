"""The standard streams: messages, prompts and progress."""
