"""What completes on a command line: a script for each shell, and the values that only a backend knows."""
