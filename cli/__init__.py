"""The command `xinpei`: one sub-command a file, each importing what it needs when it runs."""
