"""`make bench`: every benchmark, one after the other. Prints ratios; asserts nothing on time."""

from benchmarks import blocks, features, population, service

features.main()
blocks.main()
population.main()
service.main()
