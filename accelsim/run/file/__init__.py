"""What a run file means: :func:`read_run` is the one way from a document to the parts of an experiment."""

from accelsim.run.file.mappings import save_mappings
from accelsim.run.file.named import DATAPATHS, with_mapping, with_schemes
from accelsim.run.file.parts import COMPARE, RunFile
from accelsim.run.file.reading import read_run

__all__ = ["COMPARE", "DATAPATHS", "RunFile", "read_run", "save_mappings", "with_mapping", "with_schemes"]
