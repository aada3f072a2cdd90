"""The page of a comparison."""

from functools import partial

from accelsim.report.comparison.figures import comparison_figures
from accelsim.report.comparison.rows import comparison_document, comparison_key
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.report.comparison.schemes.rows import scheme_rows
from accelsim.report.comparison.table import comparison_notes, comparison_sections, layer_sections
from accelsim.report.page import FiledPage
from accelsim.studies.comparison import Comparison

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
