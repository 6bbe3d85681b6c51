"""A lake: the tables of a whole city in hash buckets of `enterprise_id`, so that a bucket is a unit of work.

`lake.json` says what the lake is; `<table>/bucket=0007.parquet` has the rows of one bucket, sorted by enterprise and
then by the table's key; `enterprises/bucket=0007.parquet` has the codes in scope, with or without rows. Rows are judged
by their contracts when the lake is written, and `lake.json` says by which contracts.
"""

from sources.lake.layout import bucket_of
from sources.lake.reading import Lake, open_lake
from sources.lake.writing import write_lake
from sources.readers.source import LAKE_FILE

__all__ = ["LAKE_FILE", "Lake", "bucket_of", "open_lake", "write_lake"]
