"""Gains and a sweep as data for other programs: one JSON object, the rows of the tables among it."""

from accelsim.report.folder import Fields, digest
from accelsim.studies.sparsity import Gains, Sweep

_FORMAT = 1
"""Version of ``sparsity.json``; another one may have other keys."""


def sparsity_key(gains: Gains, sweep: Sweep | None = None) -> str:
    """A digest of the run in full and of the densities, if it is swept."""
    return digest({"config": gains.own.config, "against": "dense", "sweep": _asked(sweep)})


def sparsity_document(gains: Gains, sweep: Sweep | None = None) -> Fields:
    """*gains* and *sweep* as one JSON object with units and configuration."""
    return {
        "format": _FORMAT,
        "name": gains.own.name,
        "key": sparsity_key(gains, sweep),
        "seed": gains.own.settings.seed,
        "units": _units(gains),
        "rows": list(gains.rows()),
        "mapping": {layer.name: dict(layer.own.choice) for layer in gains.layers},
        "dense_mapping": {layer.name: dict(layer.dense.choice) for layer in gains.layers},
        "sweep": _sweep(sweep) if sweep else None,
        "config": gains.own.config,
    }


def _asked(sweep: Sweep | None) -> Fields | None:
    if sweep is None:
        return None
    return {"operands": sweep.operands, "densities": [point.density for point in sweep.points]}


def _sweep(sweep: Sweep) -> Fields:
    crossovers = [
        {"layer": layer, "quantity": quantity, "density": found.density, "zeros_pay": found.pays}
        for layer in sweep.layers
        for quantity, found in sweep.crossovers(layer).items()
    ]
    return {"operands": sweep.operands, "rows": list(sweep.rows()), "crossovers": crossovers}


def _units(gains: Gains) -> dict[str, str]:
    energy = "pJ" if gains.own.energy_unit == "pJ" else "energies of one MAC"
    return {
        "cycles": "core clock cycles",
        "speedup": "dense cycles over cycles",
        "ideal_speedup": "dense cycles over ideal cycles: MACs left over PEs and lanes",
        "energy": energy,
        "energy_ratio": "energy over dense energy",
        "work": "MACs left over algorithmic MACs; a gated MAC is left",
        "pe_cycles": "core clock cycles of the PEs, over lanes; they sum to PEs x cycles",
        "imbalance_pe_cycles": "cycles that PEs at work were less busy than the busiest; a part of the waits",
        "bits_per_value": "bits of a word at that level, zeros among the words",
        "planned_share": "size of coded words over that of words as they are that the mapping counts on",
        "crossovers": "density at which a quantity is that of the dense run, between neighbours linear",
    }
