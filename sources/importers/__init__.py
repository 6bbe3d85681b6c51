"""From data sets as published to tables under our contracts."""
