"""What is recorded of applications and of what became of the borrowers."""

WITHDRAWN = 0.18  # assumed: share of granted applications never drawn that are recorded as withdrawn
WITHDRAWN_REFUSED = 0.02  # assumed: share of refused ones that the firm withdrew before it was told
QUARTER = 3  # ours: firms are judged at the end of every third month
