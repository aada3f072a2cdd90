"""The page of a comparison: what it says to people, and its rows and units for other programs."""

from functools import partial

from accelsim.report.comparison.figures import comparison_figures
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.report.comparison.schemes.rows import SCHEME_UNITS, scheme_rows
from accelsim.report.comparison.table import comparison_notes, comparison_sections, layer_sections
from accelsim.report.folder import Fields, digest
from accelsim.report.page import FiledPage
from accelsim.run.result import LayerResult, Result
from accelsim.studies.comparison import Comparison

_FORMAT = 1
"""Version of ``comparison.json``; another one may have other keys."""

_WIDTH = 100
"""Characters of a line where there is no terminal to ask."""


def comparison_page(comparison: Comparison, *, layers: bool = False) -> FiledPage:
    """What each label of *comparison* costs: in total, by part, and under a scheme per image.

    Its folder is named by its runs in full, the order of its labels, and what is 1.

    Args:
        comparison: normalised to its baseline where it has one.
        layers: say each quantity by layer, too.
    """
    by_layer = layer_sections(comparison) if layers else ()
    schemes = {"schemes": tuple(scheme_rows(comparison))} if has_schemes(comparison) else {}
    return FiledPage(
        body=(*comparison_sections(comparison), *by_layer),
        notes=tuple(comparison_notes(comparison)),
        document=comparison_document(comparison),
        width=_WIDTH,
        name=comparison.name,
        key=comparison_key(comparison),
        kind="comparison",
        file="comparison.json",
        config=comparison.config,
        seed=next(iter(comparison.results.values())).settings.seed,
        tables={"comparison": tuple(comparison.rows()), **schemes},
        figures=partial(comparison_figures, comparison),
    )


def comparison_key(comparison: Comparison) -> str:
    """A digest of what *comparison* is made of: its runs in full, the order of its labels, and what is 1."""
    order = {"labels": list(comparison.outcomes), "normalised_to": comparison.baseline}
    return digest({"config": comparison.config, **order})


def comparison_document(comparison: Comparison) -> Fields:
    """*comparison* as one JSON object with units and configuration."""
    schemes = {"schemes": list(scheme_rows(comparison)), "scheme_units": SCHEME_UNITS}
    return {
        "format": _FORMAT,
        "name": comparison.name,
        "key": comparison_key(comparison),
        "normalised_to": comparison.baseline,
        "units": _units(comparison),
        "refused": {label: refusal.reason for label, refusal in comparison.refusals.items()},
        "rows": list(comparison.rows()),
        **(schemes if has_schemes(comparison) else {}),
        "runs": {label: _run(result) for label, result in comparison.results.items()},
        "config": comparison.config,
    }


def _units(comparison: Comparison) -> dict[str, str]:
    energy = "pJ" if comparison.energy_unit == "pJ" else "energies of one MAC"
    return {
        "op": "an algorithmic MAC",
        "cycles": "core clock cycles",
        "latency_ms": "ms",
        "dram_words_per_op": "words that cross the DRAM link; dram_reads, dram_writes: one way",
        "energy_per_op": energy,
        "edp": f"{energy} per op, times simulated cycles per op",
        "edp_isca16": f"{energy} per op, times 1 / active PEs",
        "normalised": "over the same of the baseline; a part over the total that it is part of",
    }


def _run(result: Result) -> Fields:
    """What stands behind the rows of one label."""
    return {
        "key": digest(result.config),
        "dataflow": result.settings.dataflow,
        "arch": result.arch,
        "energy_table": result.energy_table,
        "prices": dict(sorted(result.prices.items())),
        "layers": {layer.name: _layer(result, layer) for layer in result.layers},
    }


def _layer(result: Result, layer: LayerResult) -> Fields:
    """Counts and mapping; under a scheme also what its words cost, where layers differ."""
    found: Fields = {"words": dict(sorted(layer.actions.items())), "mapping": dict(layer.choice)}
    if layer.scheme is None:
        return found
    own = {name: price for name, price in sorted(layer.prices.items()) if name not in result.prices}
    return found | {"scheme": layer.scheme, "word_bits": dict(layer.word_bits), "own_prices": own}
