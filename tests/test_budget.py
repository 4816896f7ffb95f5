"""Jobs share a budget: it is never exceeded, and no job starves."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from searcher import memory
from searcher.errors import BadImage
from searcher.memory import MAX_PASSES, Budget
from tests.servers import wait_for


def test_jobs_never_take_more_than_the_budget_together() -> None:
    budget, lock, inside, peak = Budget(100), threading.Lock(), [0], [0]
    costs = np.random.default_rng(0).integers(1, 101, 300)

    def job(cost: int) -> None:
        with budget.spend(cost):
            with lock:
                inside[0] += cost
                peak[0] = max(peak[0], inside[0])
            os.sched_yield()
            with lock:
                inside[0] -= cost

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(job, costs.tolist(), timeout=60))
    assert 50 < peak[0] <= 100
    assert budget.used == budget.waiting == 0


def test_small_jobs_pass_a_large_one_but_not_for_ever() -> None:
    budget = Budget(100)
    order: list[str] = []

    def job(name: str, cost: int) -> None:
        with budget.spend(cost):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        with budget.spend(50):
            jobs = [pool.submit(job, "large", 90)]
            wait_for(lambda: budget.waiting == 1)
            for _ in range(MAX_PASSES):
                job("small", 20)
            jobs.append(pool.submit(job, "late", 20))
            wait_for(lambda: budget.waiting == 2)
            assert order == ["small"] * MAX_PASSES
        for waiting in jobs:
            waiting.result(10)
    assert order == ["small"] * MAX_PASSES + ["large", "late"]
    assert budget.used == budget.waiting == 0


def test_a_job_that_fails_leaves_its_room() -> None:
    budget = Budget(100)
    with pytest.raises(BadImage), budget.spend(100):
        raise BadImage("It failed.")
    with budget.spend(100):
        assert budget.used == 100
    assert memory.decoding.used == 0
