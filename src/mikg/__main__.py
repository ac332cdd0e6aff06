"""`python -m mikg` is the command `mikg`."""

from mikg.cli import main

main(prog_name="mikg")
