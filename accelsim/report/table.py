"""A result as text: cycles and energy by layer, where they went, and what the model leaves out."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from accelsim.energy import CATEGORIES, COMPONENTS, by_component, by_operand
from accelsim.report.arithmetic import any_spared, macs, schemes
from accelsim.report.columns import Declared, Section, columns_of, percent
from accelsim.report.style import COMPONENT_LABELS
from accelsim.report.units import STEPS, number, scale
from accelsim.run.result import LayerResult, Result
from accelsim.stats import CAUSES, Actions

_Column = Declared[LayerResult]

_NAME: _Column = ("layer", "", lambda layer: layer.name)

_Split = Callable[[Mapping[str, float]], dict[str, float]]
"""Energy by action name into energy by group."""


def run_notes(result: Result) -> tuple[str, ...]:
    """What a reader must know before quoting a number of *result*; one sentence each."""
    said = [
        f"Energy: counts times the prices of {result.energy_table}. No clock and no leakage energy is"
        " included; power and efficiency are those of the counted actions alone."
    ]
    if result.energy_unit == "mac":
        said.append("The unit of energy is that of one MAC in that table (1 kMAC = 1000 of them); no watts.")
    if result.glue:
        said.append(f"Run in numpy outside the model, at no cycles and no energy: {', '.join(result.glue)}.")
    if result.left_out:
        said.append(f"Left out, not run at all: {', '.join(result.left_out)}.")
    said += _overflow_notes(result)
    return tuple(said)


def _overflow_notes(result: Result) -> list[str]:
    """The layers whose coded words took more room than the machine plans with, and what they were given."""
    usual = result.machine.sparsity.formats.planned
    layers = []
    for layer in (layer for layer in result.layers if layer.overflowed):
        grown = [name for name, share in layer.planned.items() if share != usual[name]]
        shares = (f"{name} {number(layer.planned[name])} for {usual[name]:g}" for name in grown)
        layers.append(f"{layer.name} ({', '.join(shares)})")
    if not layers:
        return []
    return [f"Planned anew, as coded words took more than their planned share: {', '.join(layers)}."]


def accuracy_notes(result: Result) -> Iterator[str]:
    """The share of the images that *result* tells right, if they have labels."""
    if result.accuracy is not None:
        yield f"Accuracy: {percent(result.accuracy)} % of {result.settings.batch} images."


def run_sections(result: Result) -> Iterator[Section]:
    """Tables of *result*, a row for each layer and one for the total."""
    layers = (*result.layers, result.total)
    for title, declared in _tables(result):
        yield Section(title, columns_of(layers, (_NAME, *declared)), total=True)


def _tables(result: Result) -> Iterator[tuple[str, Iterable[_Column]]]:
    yield result.title, _summary(result)
    if any_spared(result.total):
        factor, unit = _count_scale(result.total.macs)
        yield f"MACs by what values did to them, {unit}", macs(factor)
    yield f"PE cycles by cause, % of those of {result.total.pes} PEs", map(_cause, CAUSES)
    _, words = _word_scale(result)
    yield f"DRAM words, {words}", _dram(result)
    yield f"Words on the chip, {words}; a NoC word counts once for each PE it reaches", _on_chip(result)
    yield "Energy by component", _energy(result, COMPONENTS, COMPONENT_LABELS, by_component)
    yield "Energy by operand", _energy(result, CATEGORIES, {"mac": "MAC"}, by_operand)


def _summary(result: Result) -> Iterator[_Column]:
    energy = scale(result.energy_unit, (layer.total_pj for layer in result.layers))
    short = STEPS[result.energy_unit][0]
    yield from schemes(result)
    yield "cycles", "", lambda layer: f"{layer.cycles:,}"
    yield "latency", "ms", lambda layer: number(layer.ms)
    yield "utilisation", "%", lambda layer: percent(layer.utilisation)
    yield "active", f"of {result.layers[0].pes} PEs", lambda layer: str(layer.active_pes)
    yield "energy", energy.unit, lambda layer: number(layer.total_pj / energy.factor)
    yield "energy", f"{short}/MAC", lambda layer: number(layer.pj_per_mac)
    if result.energy_unit == "pJ":
        yield "efficiency", "GMACS/W", lambda layer: number(layer.gmacs_per_watt)
        yield "power", "mW", lambda layer: number(layer.watts * 1e3)


def _cause(cause: str) -> _Column:
    head, _, root = cause.replace("_", " ").partition(".")
    return head, root, lambda layer: percent(layer.causes[cause] / (layer.pes * layer.cycles))


def _dram(result: Result) -> Iterator[_Column]:
    """Words that cross the DRAM link, and beside them the words before coding where that changes them."""
    coded, dense = _words(result.total.actions), _words(result.total.dense_dram)
    for at in (at for at in coded if at[0] == "dram"):
        yield _moved(result, at[1], "", at, lambda layer: layer.actions)
        if dense[at] != coded[at]:
            yield _moved(result, at[1], "uncoded", at, lambda layer: layer.dense_dram)


def _on_chip(result: Result) -> Iterator[_Column]:
    for at in _words(result.total.actions):
        if at[0] != "dram":
            yield _moved(result, COMPONENT_LABELS[at[0]], at[1], at, lambda layer: layer.actions)


def _moved(
    result: Result, head: str, unit: str, at: tuple[str, str], counts: Callable[[LayerResult], Actions]
) -> _Column:
    factor, _ = _word_scale(result)
    return head, unit, lambda layer: number(_words(counts(layer))[at] / factor)


def _word_scale(result: Result) -> tuple[int, str]:
    """What words are counted in: millions once DRAM moves one, since every other level moves more."""
    return _count_scale(sum(n for (level, _), n in _words(result.total.actions).items() if level == "dram"))


def _count_scale(largest: int) -> tuple[int, str]:
    """What counts up to *largest* are shown in."""
    return (10**6, "millions") if largest >= 10**6 else (10**3, "thousands")


def _words(actions: Actions) -> dict[tuple[str, str], int]:
    """Words by ``(component, operand)``, reads and writes together; what a gate stopped did not move."""
    words = {(c, o): 0 for c in ("dram", "glb", "noc", "rf") for o in ("ifmap", "weight", "psum")}
    for name, count in actions.items():
        component, action, operand = name.replace(":", ".").split(".")
        if (component, operand) in words and not action.startswith("gated"):
            words[component, operand] += int(count)
    return words


def _energy(
    result: Result, groups: Iterable[str], labels: Mapping[str, str], split: _Split
) -> Iterator[_Column]:
    """Energy by what *split* gives, *groups* first."""
    energy = scale(result.energy_unit, (layer.total_pj for layer in result.layers))

    def column(group: str) -> _Column:
        label = labels.get(group, group)
        return label, energy.unit, lambda layer: number(split(layer.energy_pj).get(group, 0) / energy.factor)

    return map(column, dict.fromkeys((*groups, *split(result.total.energy_pj))))
