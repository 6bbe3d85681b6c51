"""`make bench`: every benchmark, one after the other. Prints ratios; asserts nothing on time."""

from benchmarks import (
    blocks,
    changes,
    contributions,
    features,
    matching,
    models,
    population,
    screening,
    service,
    simulation,
    training,
)

features.main()
blocks.main()
population.main()
simulation.main()
service.main()
training.main()
contributions.main()
matching.main()
screening.main()
models.main()
if changes.MODEL.is_dir():
    changes.main()
else:
    print(f"changes: left out, no model in {changes.MODEL}; `make demo` makes a city and a model")
