"""Set expressions such as `VIP and not (STAFF or TEST)`: syntax, meaning, samples. No backend."""
