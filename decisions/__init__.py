"""What follows: pure functions from facts, policy and catalogue to verdicts, limits, ranking and reasons."""
