"""The page of one run: what it says to people, and its rows and units for other programs."""

from collections.abc import Iterator
from functools import partial

from accelsim.report.figures import run_figures
from accelsim.report.folder import Fields, digest
from accelsim.report.page import FiledPage
from accelsim.report.table import accuracy_notes, run_notes, run_sections
from accelsim.run.result import LayerResult, Result
from accelsim.stats import CAUSES

_FORMAT = 2
"""Version of ``result.json``; another one may have other keys."""

_ACTION_COLUMNS = ("layer", "action", "component", "operand", "words")

_WATTS = ("power_w", "gmacs_per_w")
"""Columns of a layer that only energy in joules has."""


def run_page(result: Result) -> FiledPage:
    """Cycles and energy of *result* by layer, where they went, and what the model leaves out.

    Its folder is named by the resolved configuration; ``layers.csv`` and ``energy.csv`` have a row per layer
    and per action.
    """
    return FiledPage(
        body=tuple(run_sections(result)),
        notes=(*accuracy_notes(result), *run_notes(result)),
        document=run_document(result),
        name=result.name,
        key=digest(result.config),
        kind="result",
        file="result.json",
        config=result.config,
        seed=result.settings.seed,
        tables={"layers": tuple(layer_rows(result)), "energy": tuple(action_rows(result))},
        figures=partial(run_figures, result),
    )


def run_document(result: Result) -> Fields:
    """*result* as one JSON object with units, configuration and seed."""
    return {
        "format": _FORMAT,
        "name": result.name,
        "key": digest(result.config),
        "seed": result.settings.seed,
        "units": _units(result),
        "energy_table": result.energy_table,
        "accuracy": result.accuracy,
        "not_modelled": {
            "run_in_numpy": list(result.glue),
            "not_run": list(result.left_out),
            "energy": ["clock", "leakage"],
        },
        "layers": [_layer(result, layer) for layer in result.layers],
        "total": _layer(result, result.total),
        "prices": dict(sorted(result.prices.items())),
        "price_provenance": dict(sorted(result.provenance.items())),
        "config": result.config,
    }


def layer_rows(result: Result) -> Iterator[Fields]:
    """A row per layer and the total last, all with the same columns; a name that ends in ``_pj`` says pJ.

    A table in MAC energies has ``_mac`` instead, and no watts.
    """
    total = result.total.row()
    for layer in (*result.layers, result.total):
        row = layer.row()
        yield {
            _named(result, name): row.get(name, 0)
            for name in total
            if result.energy_unit == "pJ" or name not in _WATTS
        }


def action_rows(result: Result) -> Iterator[Fields]:
    """A row per layer and action, counts in words or operations, energy under the name of its unit."""
    for layer in result.layers:
        for name, count in sorted(layer.actions.items()):
            component, operand = name.split(".")[0], name.split(":")[1]
            operand = component if component == "mac" else operand  # as in the view by operand
            values = (layer.name, name, component, operand, int(count))
            yield dict(zip(_ACTION_COLUMNS, values, strict=True)) | {
                result.energy_unit.lower(): float(layer.energy_pj[name])
            }


def _units(result: Result) -> dict[str, str]:
    energy = "pJ" if result.energy_unit == "pJ" else f"energy of one MAC of {result.energy_table}"
    units = {
        "cycles": "core clock cycles",
        "pe_cycles": "core clock cycles, summed over the PEs",
        "latency_ms": "ms",
        "energy": energy,
        "energy_per_mac": f"{energy} per algorithmic MAC",
        "words": "words of word_bits, those of psums in DRAM of that of ofmap; operations of mac",
        "word_bits": "bits",
        "weight_bits": "bits of all weights as codes, with their tables and scales",
        "datapath_um2": "um2 of the arithmetic of one PE, with its tables; no register and no wire",
        "dram_bits": "bits that cross the DRAM link",
        "dense_words": "the words without coding",
    }
    return units | ({"power_w": "W", "gmacs_per_w": "GMAC/s/W"} if result.energy_unit == "pJ" else {})


def _layer(result: Result, layer: LayerResult) -> Fields:
    watts: Fields = {"power_w": layer.watts, "gmacs_per_w": layer.gmacs_per_watt}
    return {
        "layer": layer.name,
        "scheme": layer.scheme,
        "macs": layer.macs,
        "cycles": layer.cycles,
        "latency_ms": layer.ms,
        "pes": layer.pes,
        "active_pes": layer.active_pes,
        "utilisation": layer.utilisation,
        "energy": layer.total_pj,
        "energy_per_mac": layer.pj_per_mac,
        **(watts if result.energy_unit == "pJ" else {}),
        "ofmap_shift_bits": layer.shift,
        "overflowed": layer.overflowed,
        "planned_share": dict(layer.planned),
        "pe_cycles": {cause: layer.causes[cause] for cause in CAUSES},
        "words": dict(sorted(layer.actions.items())),
        "dense_words": dict(sorted(layer.dense_dram.items())),
        "word_bits": dict(layer.word_bits),
        "dram_bits": layer.dram_bits,
        "weight_bits": layer.weight_bits,
        "datapath_um2": layer.datapath_um2,
        "energy_by_action": dict(sorted(layer.energy_pj.items())),
        "own_prices": {k: v for k, v in sorted(layer.prices.items()) if k not in result.prices},
        "mapping": dict(layer.choice),
        "nest": layer.nest.splitlines(),
        "search": None if layer.counted is None else {"counted": layer.counted, "simulated": layer.simulated},
    }


def _named(result: Result, column: str) -> str:
    """*column* with the unit of *result* in place of pJ."""
    return column if result.energy_unit == "pJ" else column.replace("pj", result.energy_unit)
