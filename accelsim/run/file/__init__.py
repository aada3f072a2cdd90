"""What a run file means: :func:`read_run` is the one way from a document to the parts of an experiment."""

from accelsim.run.file.mappings import save_mappings as save_mappings
from accelsim.run.file.named import DATAPATHS as DATAPATHS
from accelsim.run.file.named import with_mapping as with_mapping
from accelsim.run.file.named import with_schemes as with_schemes
from accelsim.run.file.parts import COMPARE as COMPARE
from accelsim.run.file.parts import RunFile as RunFile
from accelsim.run.file.reading import read_run as read_run
