"""LightGBM on two real worker processes."""

import socket

import lightgbm as lgb
import numpy as np
import psutil
import pytest
from distributed import LocalCluster, get_task_stream
from sklearn.metrics import roc_auc_score

from training.distributed import DistributedError, cluster, fit_on_cluster
from training.proof import prove

NAMES = ("sales_12m", "silent_months_12m", "margin_12m", "void_share_12m")
DIRECTIONS = (-1, 1, 0, 0)
ROUNDS = 30
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 7,
    "min_data_in_leaf": 10,
    "lambda_l2": 2.0,
    "monotone_constraints": list(DIRECTIONS),
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbose": -1,
}


def rows(*, seed, count=3000):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, len(NAMES)))
    defaulted = (x[:, 1] - x[:, 0] + x[:, 2] * x[:, 3] + rng.normal(size=count) > 3).astype(int)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x, defaulted


def processes():
    """Numbers of the processes below this one."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture(scope="module")
def client():
    with cluster("local:2") as client:
        yield client


@pytest.fixture(scope="module")
def trained(client):
    """A model of both workers, and which of them worked on it."""
    with get_task_stream(client) as tasks:
        booster = fit_on_cluster(*rows(seed=0), PARAMETERS, rounds=ROUNDS, client=client, names=NAMES)
    return booster, {task["worker"] for task in tasks.data if str(task["key"]).startswith("_train_part")}


def test_it_ranks_unseen_rows_as_well_as_training_in_one_process(trained):
    x, defaulted = rows(seed=1)
    alone = lgb.train({**PARAMETERS, "num_threads": 1}, lgb.Dataset(*rows(seed=0)), num_boost_round=ROUNDS)
    together, single = (roc_auc_score(defaulted, booster.predict(x)) for booster in (trained[0], alone))
    assert single > 0.8
    assert together == pytest.approx(single, abs=0.01)


def test_both_workers_took_part(trained, client):
    assert trained[1] == set(client.nthreads())
    assert len(trained[1]) == 2


def test_the_trees_learned_from_the_rows_of_both(trained):
    counts = [tree["tree_structure"]["internal_count"] for tree in trained[0].dump_model()["tree_info"]]
    assert counts == [3000] * ROUNDS


def test_the_constraints_are_kept(trained):
    proof = prove(trained[0], DIRECTIONS)
    assert (proof.trees, proof.faults) == (ROUNDS, ())


def test_names_and_parameters_arrive(trained):
    assert trained[0].feature_name() == list(NAMES)
    text = trained[0].model_to_string()
    for line in ("[lambda_l2: 2]", "[min_data_in_leaf: 10]", "[num_leaves: 7]", "[seed: 1]", "[deterministic: 1]"):
        assert line in text


def test_the_booster_knows_nothing_of_the_cluster(trained):
    text = trained[0].model_to_string()
    assert "127.0.0.1" not in text
    assert "num_machines: 2" not in text


def test_a_fault_in_the_training_is_told(client):
    wrong = {**PARAMETERS, "monotone_constraints": [1]}
    with pytest.raises(lgb.basic.LightGBMError, match="monotone_constraints"):
        fit_on_cluster(*rows(seed=0), wrong, rounds=2, client=client)


@pytest.mark.parametrize(
    ("defaults", "said"), [(1, "got 1 rows of label 1 for 2 workers"), (100, "got 0 rows of label 0 for 2 workers")]
)
def test_every_worker_must_see_both_labels(client, defaults, said):
    with pytest.raises(DistributedError, match=said):
        fit_on_cluster(np.zeros((100, 4)), np.arange(100) < defaults, PARAMETERS, rounds=2, client=client)


@pytest.mark.parametrize(
    ("labels", "more", "names", "said"),
    [
        ([0, 1], {}, None, "got 3 rows and 2 labels"),
        ([0, 1, 2], {}, None, "labels beside 0 and 1"),
        ([0, 1, 1], {"num_threads": 4}, None, "got parameter 'num_threads', which is set by the threads"),
        ([0, 1, 1], {}, ("one",), "got 1 names for 4 columns"),
    ],
)
def test_what_does_not_fit_is_refused(client, labels, more, names, said):
    with pytest.raises(DistributedError, match=said):
        fit_on_cluster(np.zeros((3, 4)), np.array(labels), PARAMETERS | more, rounds=2, client=client, names=names)


def test_a_fault_leaves_no_processes_behind():
    before = processes()
    during = set()

    def interrupted():
        with cluster("local:2") as client:
            during.update(processes() - before)
            fit_on_cluster(np.zeros((4, 4)), np.zeros(4, int), PARAMETERS, rounds=2, client=client)

    with pytest.raises(DistributedError):
        interrupted()
    assert len(during) >= 2
    assert not {pid for pid in during if psutil.pid_exists(pid)}


def test_a_scheduler_elsewhere_is_reached_and_outlives_us(client):
    address = client.scheduler.address
    with cluster(address) as other:
        assert set(other.nthreads()) == set(client.nthreads())
    assert len(client.nthreads()) == 2


def test_no_scheduler_is_a_clear_line():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        with (
            pytest.raises(DistributedError, match=f"no scheduler answers at {address}"),
            cluster(address, patience=0.5),
        ):
            pass


def test_no_workers_is_a_clear_line():
    with (
        LocalCluster(n_workers=0, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(DistributedError, match="has no workers"),
        cluster(empty.scheduler_address, patience=0.5),
    ):
        pass


@pytest.mark.parametrize("scheduler", ["local:0", "local:", "somewhere", "http://127.0.0.1:80", "local:two"])
def test_another_form_of_address_is_refused(scheduler):
    with pytest.raises(DistributedError, match="expected tcp://host:port, or local:N"), cluster(scheduler):
        pass
