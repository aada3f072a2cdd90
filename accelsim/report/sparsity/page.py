"""The page of what zeros save: what it says to people, and its rows and units for other programs."""

from functools import partial

from accelsim.report.folder import Fields, digest
from accelsim.report.page import FiledPage
from accelsim.report.sparsity.figures import sparsity_figures
from accelsim.report.sparsity.table import gain_sections, sparsity_notes, sweep_sections
from accelsim.studies.sparsity import Gains, Sweep

_FORMAT = 1
"""Version of ``sparsity.json``; another one may have other keys."""


def sparsity_page(gains: Gains, sweep: Sweep | None = None) -> FiledPage:
    """What zeros save in each layer of *gains*, what takes it back, and at which densities of *sweep*.

    Its folder is named by the run in full and by the densities.

    Args:
        gains: of a run.
        sweep: of the same run.
    """
    swept = {} if sweep is None else {"sweep": tuple(sweep.rows())}
    return FiledPage(
        body=(*gain_sections(gains), *(sweep_sections(sweep) if sweep else ())),
        notes=tuple(sparsity_notes(gains, sweep)),
        document=sparsity_document(gains, sweep),
        name=gains.name,
        key=sparsity_key(gains, sweep),
        kind="result",
        file="sparsity.json",
        config=gains.config,
        seed=gains.own.settings.seed,
        tables={"layers": tuple(gains.rows()), **swept},
        figures=partial(sparsity_figures, gains, sweep),
    )


def sparsity_key(gains: Gains, sweep: Sweep | None = None) -> str:
    """A digest of the run in full and of the densities, if it is swept."""
    return digest({"config": gains.config, "against": "dense", "sweep": _asked(sweep)})


def sparsity_document(gains: Gains, sweep: Sweep | None = None) -> Fields:
    """*gains* and *sweep* as one JSON object with units and configuration."""
    return {
        "format": _FORMAT,
        "name": gains.name,
        "key": sparsity_key(gains, sweep),
        "seed": gains.own.settings.seed,
        "units": _units(gains),
        "rows": list(gains.rows()),
        "mapping": {layer.name: dict(layer.own.choice) for layer in gains.layers},
        "dense_mapping": {layer.name: dict(layer.dense.choice) for layer in gains.layers},
        "sweep": _sweep(sweep) if sweep else None,
        "config": gains.config,
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
