"""`python -m corridor`: the command line, for who has the package but not the script on the path."""

from corridor.cli.main import run_from_shell

run_from_shell()
