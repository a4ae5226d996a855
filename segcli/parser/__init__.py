"""Turns a command line into the call it asks for.

Typer defines what a line means, and reports what is wrong with it. But importing Typer takes longer than
most commands run, so a well-formed line, and one that asks for help, is parsed without it.
"""
