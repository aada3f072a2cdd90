"""The page of what zeros save."""

from functools import partial

from accelsim.report.page import FiledPage
from accelsim.report.sparsity.figures import sparsity_figures
from accelsim.report.sparsity.rows import sparsity_document, sparsity_key
from accelsim.report.sparsity.table import gain_sections, sparsity_notes, sweep_sections
from accelsim.studies.sparsity import Gains, Sweep


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
        name=gains.own.name,
        key=sparsity_key(gains, sweep),
        kind="result",
        file="sparsity.json",
        config=gains.own.config,
        seed=gains.own.settings.seed,
        tables={"layers": tuple(gains.rows()), **swept},
        figures=partial(sparsity_figures, gains, sweep),
    )
