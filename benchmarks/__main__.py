"""`make bench`: every benchmark, one after the other. Prints ratios; asserts nothing on time."""

from benchmarks import features, service

features.main()
service.main()
