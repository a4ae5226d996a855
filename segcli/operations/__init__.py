"""What each command does, as a function from a backend and typed values to a result. No typer here."""
