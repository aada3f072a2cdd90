"""What every committed run and set of published numbers owes; enrolled by lying in its folder."""

from math import prod

import pytest

from accelsim.config import build, find, folder, load_yaml, names
from accelsim.mapping.nest import Tile, extents
from accelsim.run.experiment import Experiment, load
from accelsim.run.names import listing
from accelsim.run.sections import SECTIONS
from accelsim.studies.comparison import TOTAL
from accelsim.studies.validate import Published

QUICK_MACS, QUICK_WEIGHTS = 5e8, 1e7
"""Runs up to this many MACs and weights are quick; larger ones are mapped, and run among the long tests."""


def _is_large(name: str) -> bool:
    experiment = load(name)
    layers = experiment.network.layers(experiment.settings.batch)
    wanted = [layers[layer] for layer in experiment.settings.layers or layers]
    weights = sum(prod(layer.weight_shape) for layer in wanted)
    return sum(layer.macs for layer in wanted) > QUICK_MACS or weights > QUICK_WEIGHTS


@pytest.fixture(params=names("runs"))
def experiment(request: pytest.FixtureRequest) -> Experiment:
    return load(request.param)


@pytest.mark.parametrize("kind", ["runs", "published"])
def test_there_is_something_to_check(kind: str) -> None:
    assert names(kind)
    assert [path.name for path in folder(kind).iterdir() if path.suffix != ".yaml"] == []


@pytest.mark.parametrize("name", names("runs"))
def test_a_run_is_named_like_its_file(name: str) -> None:
    assert load(name).settings.name == name


def test_every_layer_of_a_run_has_a_mapping_that_covers_it(experiment: Experiment) -> None:
    layers = experiment.network.layers(experiment.settings.batch)
    mappings = list(experiment.mappings())
    assert [mapping.layer.name for mapping in mappings] == list(experiment.settings.layers or layers)
    for mapping in mappings:
        boxes = [job.tile for job in mapping.passes()]
        assert (
            sum(box.macs for box in boxes)
            == Tile(**{d: range(n) for d, n in extents(mapping.layer).items()}).macs
        )


@pytest.mark.parametrize("name", [name for name in names("runs") if not _is_large(name)])
def test_a_run_ends(name: str) -> None:
    assert_ends(name)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in names("runs") if _is_large(name)])
def test_a_large_run_ends(name: str) -> None:
    assert_ends(name)


def assert_ends(name: str) -> None:
    """Every layer that the run names is simulated."""
    experiment = load(name)
    result = experiment.run()
    layers = experiment.network.layers(experiment.settings.batch)
    assert [layer.name for layer in result.layers] == list(experiment.settings.layers or layers)
    assert all(layer.cycles > 0 and layer.total_pj > 0 for layer in result.layers)


@pytest.mark.parametrize("name", names("published"))
def test_published_numbers_are_of_layers_of_their_run(name: str) -> None:
    published = build(load_yaml(find("published", name)), Published)
    experiment = load(published.run)
    known = {*experiment.network.layers(), TOTAL}
    assert published.name == name
    assert all(set(table.published) <= known for table in published.tables)


@pytest.mark.parametrize("section", SECTIONS)
def test_everything_that_can_be_named_is_described(section: str) -> None:
    found = listing(section)
    assert found
    assert all(found.values())
