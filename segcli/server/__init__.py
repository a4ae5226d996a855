"""The resource over HTTP, on any backend: what `segments serve` runs (contract, all of it)."""
