"""How fast the mapper is: candidates counted a second, and how few of them a search has to count.

Run ``python -m tests.benchmarks.mapper``. Times are processor times of one machine on one day.
"""

import time
from collections.abc import Iterator

import accelsim
from accelsim.energy import actions_of, prices
from accelsim.run.experiment import Experiment
from accelsim.search import Space, search, work_prices
from accelsim.search.goal import Goal

LIMIT_SECONDS = 5.0
"""Time after which the rest of a space is not counted."""

MACHINES = {
    "row_stationary": "eyeriss",
    "weight_stationary": "isca2016_ws_256",
    "output_stationary_soc_mop": "isca2016_osa_256",
    "output_stationary_moc_mop": "isca2016_osb_256",
    "output_stationary_moc_sop": "isca2016_osc_256",
    "no_local_reuse": "isca2016_nlr_256",
}
"""Dataflows, each on a machine made for it."""


def count(goal: Goal, limit: float = LIMIT_SECONDS) -> tuple[int, int, float]:
    """Candidates looked at, the legal ones among them, and the seconds that took: all, or *limit* seconds."""
    seen = legal = 0
    start = time.process_time()
    for part, _ in goal.parts(equal_counts_once=False):
        batch = goal.space.expand(part, equal_counts_once=False)
        seen, legal = seen + goal.values(batch).size, legal + int(batch.legal.sum())
        if time.process_time() - start > limit:
            break
    return seen, legal, time.process_time() - start


def rates(experiment: Experiment, name: str, limit: float = LIMIT_SECONDS) -> Iterator[str]:
    """A line about counting all of the space of one layer, and one about the searches for energy in it."""
    arch, layer = experiment.arch, experiment.network.layers(experiment.settings.batch)[name]
    unit = prices(experiment.energy, arch, actions_of(arch))
    space: Space = experiment.plans.cls.space(layer, arch)
    seen, legal, seconds = count(Goal(space, work_prices(arch, unit), "energy"), limit)
    yield f"{experiment.settings.dataflow} on {arch.name}, {name}:"
    yield (
        f"  counting {seen / 1e6:.2f} M candidates, {legal / 1e6:.2f} M of them legal: {seconds:.2f} s,"
        f" {seen / seconds / 1e6:.1f} M/s, {legal / seconds / 1e6:.1f} M legal/s"
    )
    for runner_up in (False, True):
        start = time.process_time()
        found = search(space, layer, arch, unit, "energy", lambda choice: 0, runner_up=runner_up)
        what = "best and runner-up" if runner_up else "best"
        yield f"  {what}: {found.counted / 1e6:.2f} M counted, {time.process_time() - start:.2f} s"


def main() -> None:
    """Print the benchmark lines."""
    for dataflow, machine in MACHINES.items():
        experiment = accelsim.load("eyeriss_alexnet", mapping=None, dataflow=dataflow, arch=machine)
        print(*rates(experiment, "CONV3"), sep="\n")


if __name__ == "__main__":
    main()
