"""The command line: parse, call, word the answer. Everything that prints is here."""
