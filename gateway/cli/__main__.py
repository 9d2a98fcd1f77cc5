"""`python -m gateway.cli`: the same as `silkgate`."""

from gateway.cli import main

main()
