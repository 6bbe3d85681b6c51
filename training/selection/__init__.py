"""Learning who defaults where only those who were lent to could: one sample, one learner, several ways."""
