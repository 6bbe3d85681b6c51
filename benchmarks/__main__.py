"""`make bench`: every benchmark, one after the other. Prints ratios; asserts nothing on time."""

from benchmarks import blocks, features, population, service, simulation

features.main()
blocks.main()
population.main()
simulation.main()
service.main()
