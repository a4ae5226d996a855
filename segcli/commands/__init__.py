"""What each command is called and takes: declarations in Typer, one module a command or noun."""
