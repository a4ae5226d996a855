"""Account ids from the command line or from files of any supported format, streamed and checked."""
