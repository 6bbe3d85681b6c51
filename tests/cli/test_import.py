import subprocess
import sys

import polars as pl


def test_an_import_shows_that_accepted_and_rejected_make_the_source(tmp_path, real_data):
    command = [sys.executable, "-m", "cli", "import", "cumcm2020c", str(real_data), "--into", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "accepted 1,087,765 + rejected 11,676 = source 1,099,441" in done.stdout
    assert "enterprises 425, labelled 123" in done.stdout
    assert pl.read_parquet(tmp_path / "rejects" / "rejects.parquet").height == 11_676


def test_a_folder_without_the_data_is_one_clear_line(tmp_path):
    command = [sys.executable, "-m", "cli", "import", "cumcm2020c", str(tmp_path), "--into", str(tmp_path / "out")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "got no sheet of the contest" in done.stderr
