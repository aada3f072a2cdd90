"""Layers whose coded words did not fit as planned: never silent."""

from accelsim.report.units import number
from accelsim.run.result import Result


def overflow_notes(result: Result) -> list[str]:
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
