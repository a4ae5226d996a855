"""Settings from flags, variables and profiles; config.yaml; secrets."""
