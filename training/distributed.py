"""LightGBM's own training on the workers of a Dask cluster: each worker holds some of the rows, all grow one model."""

import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import dask.array as da
import lightgbm as lgb
import numpy as np
from distributed import Client
from numpy.typing import NDArray

from features.population import local_client
from scoring.model import Matrix
from training.learner.boosting import Settings, parameters, with_gaps
from training.learner.learn import Grow
from training.learner.sample import Sample

LOCAL = re.compile(r"local:(\d+)")
PATIENCE = 10.0

MINUTES_FOR_A_NEIGHBOUR = 10
"""A worker that hears nothing from the others for so long gives up; LightGBM would wait for two hours."""

OURS = {
    "num_iterations": "the argument `rounds`",
    "n_estimators": "the argument `rounds`",
    "num_threads": "the threads of each worker",
    "n_jobs": "the threads of each worker",
    "machines": "the workers of the cluster",
    "num_machines": "the workers of the cluster",
    "local_listen_port": "free ports, taken on each worker",
}
NETWORK = re.compile(r"^\[(machines|num_machines|local_listen_port|time_out|tree_learner): .*\]\n", re.MULTILINE)


class DistributedError(ValueError):
    """A training that cannot start, in words that help."""


@contextmanager
def cluster(scheduler: str, *, patience: float = PATIENCE) -> Iterator[Client]:
    """A client of the cluster at `tcp://host:port`, or of `local:N`, N processes of this machine, gone at the end.

    Args:
        scheduler: the one or the other.
        patience: seconds until a scheduler must have answered, and until it must have a worker.

    Raises:
        DistributedError: another form of address, no scheduler there, or one without workers.
    """
    local = LOCAL.fullmatch(scheduler)
    if local and int(local[1]) > 0:
        with local_client(int(local[1])) as client:
            yield client
        return
    if not scheduler.startswith(("tcp://", "tls://")):
        raise DistributedError(
            f"got scheduler {scheduler!r}, expected tcp://host:port, or local:N with N of at least 1"
        )
    client = _connected(scheduler, patience)
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]  # distributed ships few types


def _connected(scheduler: str, patience: float) -> Client:
    try:
        client = Client(scheduler, timeout=patience)  # type: ignore[no-untyped-call]  # as above
    except (OSError, ValueError) as error:
        raise DistributedError(f"no scheduler answers at {scheduler}: start one there, or give local:2") from error
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        client.close()  # type: ignore[no-untyped-call]  # as above
        raise DistributedError(f"the scheduler at {scheduler} has no workers: start some with `dask worker`") from error
    return client


def fit_on_cluster(
    matrix: Matrix,
    defaulted: NDArray[np.int64],
    parameters: Mapping[str, Any],
    *,
    rounds: int,
    client: Client,
    names: Sequence[str] | None = None,
) -> lgb.Booster:
    """Grow one model on all workers (`tree_learner=data`): each builds histograms of its rows, LightGBM adds them up.

    Rows are dealt one by one, defaults and sound ones apart, so that every worker sees the whole mix. An enterprise's
    rows may fall to several workers: they are all learned from. Of the methods for monotone constraints LightGBM offers
    `basic` only here. The returned booster knows nothing of the cluster.

    Which rows a worker holds depends on their order and on the number of workers only. Still two runs need not give
    the same trees, whatever the seed and `deterministic`: LightGBM ranks the workers by chance, each cuts the features
    that fall to its rank into bins on its own rows only, and with three or more the histograms are added up by rank.
    So train in one process wherever the trees must come out the same again.

    Args:
        matrix: one row a case, NaN for null.
        defaulted: 0 or 1, same order.
        parameters: LightGBM's, by their main names. Threads and network are the cluster's own.
        rounds: trees to grow.
        client: of the cluster; its workers must reach each other on any free port. They listen on all their
            interfaces, so a cluster belongs behind a firewall.
        names: of the columns; None leaves LightGBM's `Column_0` and so on.

    Raises:
        DistributedError: no workers, a label for which there are fewer rows than workers, labels or names that do not
            fit the matrix, or a parameter that is not the caller's.
    """
    _check(matrix, defaulted, parameters, names)
    workers = sorted(client.nthreads())  # type: ignore[no-untyped-call]  # as above
    shares = _dealt(defaulted, len(workers))
    data = _placed([matrix[rows] for rows in shares], workers, client)
    labels = _placed([defaulted[rows] for rows in shares], workers, client)
    network = {"tree_learner": "data", "time_out": MINUTES_FOR_A_NEIGHBOUR, "pre_partition": True}
    model = lgb.DaskLGBMClassifier(**{"verbose": -1, **parameters, **network, "n_estimators": rounds}, client=client)
    with redirect_stdout(sys.stderr), warnings.catch_warnings():  # LightGBM tells of its ports on standard output
        warnings.filterwarnings("ignore", message="Parameter n_jobs will be ignored")
        model.fit(data, labels, feature_name="auto" if names is None else list(names))
    return lgb.Booster(model_str=NETWORK.sub("", model.booster_.model_to_string(num_iteration=-1)))


def _check(
    matrix: Matrix, defaulted: NDArray[np.int64], parameters: Mapping[str, Any], names: Sequence[str] | None
) -> None:
    if len(matrix) != len(defaulted):
        raise DistributedError(f"got {len(matrix)} rows and {len(defaulted)} labels, expected one label for each row")
    if names is not None and len(names) != matrix.shape[1]:
        raise DistributedError(f"got {len(names)} names for {matrix.shape[1]} columns, expected one for each")
    if not np.isin(defaulted, (0, 1)).all():
        raise DistributedError("got labels beside 0 and 1, expected 1 for a default and 0 for none")
    for name in parameters:
        if name in OURS:
            raise DistributedError(f"got parameter {name!r}, which is set by {OURS[name]}; leave it out")


def _dealt(defaulted: NDArray[np.int64], workers: int) -> list[NDArray[np.int64]]:
    """Rows of each worker, in rising order: of either label all get equally many, give or take one."""
    if workers == 0:
        raise DistributedError("the cluster has no workers: start some with `dask worker`")
    kinds = [np.flatnonzero(defaulted == kind) for kind in (0, 1)]
    for kind, rows in enumerate(kinds):
        if len(rows) < workers:
            raise DistributedError(
                f"got {len(rows)} rows of label {kind} for {workers} workers: one would see the other label only;"
                " give more rows, or fewer workers"
            )
    return [np.sort(np.concatenate([rows[place::workers] for rows in kinds])) for place in range(workers)]


def _placed(parts: Sequence[NDArray[Any]], workers: Sequence[str], client: Any) -> Any:
    """A Dask array of which each worker holds one part."""
    held = [client.scatter(part, workers=[worker], hash=False) for part, worker in zip(parts, workers, strict=True)]
    arrays: Any = da  # as above
    return arrays.concatenate(
        [arrays.from_delayed(one, part.shape, dtype=part.dtype) for one, part in zip(held, parts, strict=True)]
    )


def grow_on(client: Client) -> Grow:
    """Grows one model on all rows on the workers of a client, in the place of a bag on draws of them here."""

    def grow(sample: Sample, settings: Settings, *, seed: int) -> list[lgb.Booster]:
        seen = with_gaps(sample.matrix, sample.blocks, np.random.default_rng(seed))
        told = parameters(sample, settings, scope=[1.0] * len(sample.names), seed=seed)
        asked = {name: value for name, value in told.items() if name not in OURS}
        grown = fit_on_cluster(seen, sample.defaulted, asked, rounds=settings.rounds, client=client, names=sample.names)
        return [grown]

    return grow
