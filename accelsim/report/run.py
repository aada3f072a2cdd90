"""The page of one run."""

from functools import partial

from accelsim.report.figures import run_figures
from accelsim.report.folder import digest
from accelsim.report.page import FiledPage
from accelsim.report.rows import action_rows, layer_rows, run_document
from accelsim.report.table import accuracy_notes, run_notes, run_sections
from accelsim.run.result import Result


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
