"""Many enterprises against the catalogue, over columns: the same answers as one by one."""
