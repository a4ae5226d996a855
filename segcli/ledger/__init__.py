"""The ledger: what this user did to a tenant from this machine, because a tenant keeps no history itself."""
