"""How models are made: cohorts, folds, fit, calibrate, evaluate, log, register."""
