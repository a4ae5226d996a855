"""segcli: the command line for customer segments."""

__version__ = "0.1.0"
