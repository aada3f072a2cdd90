"""What every committed architecture and energy table owes; enrolled by lying in its folder."""

import pytest

from accelsim.config import build, dump_yaml, find, folder, load_yaml, names, to_plain
from accelsim.energy import EnergyTable, actions_of, by_component, by_operand, price, prices
from accelsim.energy.names import ACTIONS
from accelsim.energy.table import Free
from accelsim.machine import Arch

EYERISS = build(load_yaml(find("arch", "eyeriss")), Arch)
PARTS = "parts"
"""The folder of what architectures extend but are not by themselves."""


@pytest.fixture(params=names("arch"))
def arch(request: pytest.FixtureRequest) -> Arch:
    return build(load_yaml(find("arch", request.param)), Arch)


@pytest.fixture(params=names("energy"))
def table(request: pytest.FixtureRequest) -> EnergyTable:
    return build(load_yaml(find("energy", request.param)), EnergyTable)


@pytest.mark.parametrize("kind", ["arch", "energy"])
def test_there_is_something_to_check(kind: str) -> None:
    assert names(kind)
    assert {path.name for path in folder(kind).iterdir() if path.suffix != ".yaml"} <= {PARTS}


@pytest.mark.parametrize("kind", ["arch", "energy"])
def test_every_part_is_part_of_something(kind: str) -> None:
    parts = {path.stem for path in (folder(kind) / PARTS).glob("*.yaml")}
    text = "".join(path.read_text() for path in folder(kind).rglob("*.yaml"))
    assert {part for part in parts if f"{part}.yaml" not in text} == set()


@pytest.mark.parametrize("kind, name", [(kind, name) for kind in ("arch", "energy") for name in names(kind)])
def test_a_config_is_named_like_its_file(kind: str, name: str) -> None:
    assert load_yaml(find(kind, name))["name"].plain == name


@pytest.mark.parametrize("kind, name", [(kind, name) for kind in ("arch", "energy") for name in names(kind)])
def test_a_config_written_out_in_full_is_the_same(
    kind: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cls: type[Arch] | type[EnergyTable] = Arch if kind == "arch" else EnergyTable
    config = build(load_yaml(find(kind, name)), cls)
    path = tmp_path_factory.mktemp(kind) / "resolved.yaml"
    path.write_text(dump_yaml(to_plain(config)), encoding="utf-8")
    assert build(load_yaml(path), cls) == config


def test_every_known_action_has_a_price_in_every_table(table: EnergyTable) -> None:
    done = actions_of(EYERISS)
    assert set(prices(table, EYERISS, done)) == set(done)
    assert set(table.actions) <= set(ACTIONS)


def test_an_action_is_free_only_where_the_table_says_why(table: EnergyTable) -> None:
    for name, energy in prices(table, EYERISS, actions_of(EYERISS)).items():
        terms = table.actions[name]
        assert (energy == 0) == isinstance(terms, Free), name
        assert not isinstance(terms, Free) or terms.why


def test_every_figure_names_its_source_and_operation(table: EnergyTable) -> None:
    assert table.source
    for cost in table.costs.values():
        assert cost.source and cost.operation


def test_every_arch_can_be_priced_with_every_table(arch: Arch, table: EnergyTable) -> None:
    energy = price(dict.fromkeys(actions_of(arch), 1), table, arch)
    assert sum(by_component(energy).values()) == pytest.approx(sum(by_operand(energy).values()))


def test_a_word_from_further_out_never_costs_less(arch: Arch, table: EnergyTable) -> None:
    done = actions_of(arch)
    inside_out = [name for name in ("rf.read:ifmap", "glb.read:ifmap", "dram.read:ifmap") if name in done]
    unit = prices(table, arch, inside_out)
    assert list(unit.values()) == sorted(unit.values())
