"""What every SQL store shares: tables, statements, memberships as blocks, and the backend on top of them."""
