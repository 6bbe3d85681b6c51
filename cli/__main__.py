"""`python -m cli` is `xinpei`."""

from cli.main import run

run()
