"""The `silkgate` command line."""

import click


@click.group()
@click.version_option(package_name="silkgate")
def main() -> None:
    """Enter a trade document once; check, translate, sign, log, deliver and prove it."""
