"""Read tables from a folder, a lake or a database, judge every row, and keep what was good beside what was not."""

from sources.readers.folder import Folder, judge_folder, read_folder
from sources.readers.source import judge_source, read_source
from sources.validation import UnusableTableError

__all__ = ["Folder", "UnusableTableError", "judge_folder", "judge_source", "read_folder", "read_source"]
