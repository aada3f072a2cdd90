"""What stands below a figure of energy: the prices behind it, and what they leave out."""

from accelsim.report.style import COMPONENT_LABELS
from accelsim.report.units import DIGITS, STEPS
from accelsim.run.result import Result

_NAMED = 3
"""Prices of one action that the caption tells apart by scheme."""


def caption(result: Result) -> str:
    """The prices behind *result*, and what they leave out, in one line."""
    unit = STEPS[result.energy_unit][0]
    return (
        f"Prices of {result.energy_table} in {unit} per word or operation: {', '.join(_prices(result))}."
        " No clock and no leakage energy."
    )


def _prices(result: Result) -> list[str]:
    """``RF 0.5`` or, if it has more than one price, ``GLB 8.487 (weight 2.5)``, what costs most first."""
    components: dict[str, dict[str, list[str]]] = {}
    for name, energy in sorted(result.total.energy_pj.items(), key=lambda item: (-item[1], item[0])):
        if energy:
            component, action = name.split(".", 1)
            components.setdefault(component, {}).setdefault(_price(result, name), []).append(action)
    labels = COMPONENT_LABELS
    order = [name for name in labels if name in components]
    order += [name for name in components if name not in labels]
    return [f"{labels.get(name, name)} {_of_component(components[name])}" for name in order]


def _price(result: Result, name: str) -> str:
    """What an action costs: by scheme, or from the least to the most, if that is not always the same."""
    found = result.prices_of(name)
    texts = {f"{price:.{DIGITS}g}": schemes for price, schemes in sorted(found.items())}
    if len(texts) == 1:
        return next(iter(texts))
    if len(texts) > _NAMED:
        return f"{next(iter(texts))} to {list(texts)[-1]} by scheme"
    return " or ".join(f"{text} in {'/'.join(schemes)}" for text, schemes in texts.items())


def _of_component(actions: dict[str, list[str]]) -> str:
    """Prices of a component with their actions: the first plainly, the others with what sets them apart."""
    (price, usual), *others = actions.items()
    if not others:
        return price
    return f"{price} ({', '.join(f'{_apart(names, usual)} {other}' for other, names in others)})"


def _apart(actions: list[str], usual: list[str]) -> str:
    """The operands of *actions*; the actions themselves if they share an operand with the *usual*."""
    at = 0 if {a.split(":")[1] for a in actions} & {a.split(":")[1] for a in usual} else 1
    return "/".join(dict.fromkeys(action.split(":")[at].replace("_", " ") for action in actions))
