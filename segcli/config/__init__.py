"""Settings from flags, environment variables and profiles; config.yaml; secrets."""
