"""What each command is called and takes: declarations, one module a command or noun."""

HELP = "Customer segments, from the command line."
EXAMPLES = (
    "segments add VIP --name 'Very important'",
    "segments accounts add VIP 1001 1002",
    "segments list -o json",
)
# A command's word: the module here that declares it, and its help in one line. A module is imported
# when its command is called; a test holds these lines against the real ones.
COMMANDS: dict[str, str] = {
    "add": "Add a segment, and show it.",
    "get": "Show segments by id or code.",
    "list": "List segments: one page, or all of them.",
    "update": "Change what is given of a segment, and show it.",
    "delete": "Delete segments and their memberships, after asking.",
    "accounts": "Add, remove and list the accounts of a segment.",
    "profile": "Keep backends and their credentials under names.",
    "serve": "Serve the resource over HTTP, to try apps and SDKs against.",
    "doctor": "Check the set-up: configuration, host, ticket, clock, store.",
    "completion": "Complete commands, options and codes with TAB.",
}
