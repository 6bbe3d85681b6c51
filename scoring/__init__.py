"""What models say: the Model value, its score, its contributions, its folder on disk."""
