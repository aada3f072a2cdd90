"""From a document to an experiment's parts, all built and checked."""

from accelsim.config import Document
from accelsim.run.file.checks import check_mappings, check_names, check_schemes
from accelsim.run.file.named import written_out
from accelsim.run.file.parts import RunFile, parts_of


def read_run(document: Document) -> RunFile:
    """What the run file *document* means.

    Raises:
        LegalityError: if nothing but mappings that it gives is at fault.
        ConfigError: if anything else is, with file and line; all faults of a kind at once.
    """
    run = parts_of(written_out(document))
    check_names(run)
    check_schemes(document, run.network)
    check_mappings(run)
    return run
