"""Rows drawn table by table, each by a hash of seed, firm and row: no row depends on the others drawn with it."""
