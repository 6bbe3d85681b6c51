"""What the sources tell of a community, one function a table."""
