"""A comparison of schemes as tidy rows: one per label and layer, the total last."""

from collections.abc import Iterator

from accelsim.report.comparison.schemes.costs import SchemeCost, layer_costs
from accelsim.report.folder import Fields
from accelsim.report.hints import DataFrame
from accelsim.run.result import OPERANDS
from accelsim.studies.comparison import TOTAL, Comparison, Refusal

SCHEME_UNITS = {
    "accuracy": "share of the images whose largest output is that of their label",
    "per_image": "over the batch; energy in the unit of its name, cycles of the core clock",
    "arithmetic": "MACs and look-ups of codes; per_mac: over algorithmic MACs",
    "array": "all other energy; array_share: over all energy",
    "dram_bits_per_image": "bits that cross the DRAM link, over the batch",
    "weight_bits": "bits of all codes of weights in memory, with tables and scales",
    "datapath_um2": "um2 of the arithmetic of one PE, with its tables; the largest of the layers",
    "word_bits": "bits of a word; least and most where layers differ, with a dash",
}
"""What the columns are in."""


def scheme_rows(comparison: Comparison) -> Iterator[Fields]:
    """Rows with the same columns; of a refused label one, which says why. None where there is no number."""
    unit = comparison.energy_unit.lower()
    found = {label: list(layer_costs(result)) for label, result in comparison.results.items()}
    columns = dict.fromkeys(
        column for costs in found.values() for cost in costs for column in _row(cost, unit)
    )
    for label, outcome in comparison.outcomes.items():
        if isinstance(outcome, Refusal):
            yield {"label": label, **columns, "layer": TOTAL, "refused": outcome.reason}
        for cost in found.get(label, ()):
            yield {"label": label, **columns, **_row(cost, unit), "refused": None}


def scheme_frame(comparison: Comparison) -> DataFrame:
    """A pandas frame of :func:`scheme_rows`."""
    import pandas as pd

    return pd.DataFrame(list(scheme_rows(comparison)))


def _row(cost: SchemeCost, unit: str) -> Fields:
    return {
        "layer": cost.layer,
        "schemes": " ".join(cost.schemes),
        "accuracy": cost.accuracy,
        "macs_per_image": cost.macs,
        "cycles_per_image": cost.cycles,
        f"energy_per_image_{unit}": cost.energy,
        **{f"energy_per_image.{name}_{unit}": e for name, e in cost.by_component.items()},
        f"arithmetic_per_image_{unit}": cost.arithmetic,
        **{f"arithmetic_per_image.{name}_{unit}": e for name, e in cost.by_part.items()},
        f"arithmetic_per_mac_{unit}": cost.arithmetic_per_mac,
        "array_share": cost.array_share,
        "limited_by": cost.limited_by,
        "largest_component": cost.largest,
        "dram_bits_per_image": cost.dram_bits,
        "weights": cost.weights,
        "weight_bits": cost.weight_bits,
        "bits_per_weight": cost.bits_per_weight,
        **{f"word_bits.{word}": spanned(cost, word) for word in OPERANDS},
        "datapath_um2": cost.datapath_um2,
    }


def spanned(cost: SchemeCost, word: str) -> str:
    """Bits of a *word*: ``8`` or, where layers differ, ``1-8``."""
    least, most = cost.word_bits[word]
    return str(least) if least == most else f"{least}-{most}"
