"""Which accounts rows mean that name customers by e-mail, external id or user name."""
