"""What a run file names, written out: mappings, pruning and schemes that stand in files of their own."""

from dataclasses import replace

from accelsim.config import Document, build, resolve
from accelsim.config.document import EXTENDS
from accelsim.errors import ConfigError
from accelsim.run.file.locating import located
from accelsim.run.settings import Settings
from accelsim.values.pruning.description import Pruning
from accelsim.values.schemes.assigning import ALL

MAPPING, SPARSITY, PRUNE, DATAPATHS = "mapping", "sparsity", "prune", "datapaths"
"""Keys of a run file: tile sizes by layer, the block on zeros, in it how weights are pruned, and schemes."""

_FIRST_LAST = "first_last"

_OF_A_SCHEME = (EXTENDS, "datapath")
"""A mapping with one of these keys is a scheme; others have schemes by layer."""


def written_out(document: Document) -> Document:
    """*document* with what each file that it names says in place of the name, but for its five parts.

    Raises:
        ConfigError: if there is no such file, or it says something else.
    """
    return with_schemes(with_pruning(with_mapping(document)))


def with_mapping(document: Document) -> Document:
    """A run whose ``mapping`` is a file, with the tile sizes of that file in place of its name.

    The file may be another run, whose own mapping must be written out.

    Raises:
        ConfigError: if there is no such file, it has no mapping, or one of another dataflow.
    """
    named = document.child(MAPPING)
    if named is None or not isinstance(named.value, str):
        return document
    file = resolve(document, MAPPING, "runs")
    if MAPPING not in file or not isinstance(file[MAPPING].value, dict):
        raise named.origin.error(
            f"must be a file that has a mapping, tile sizes by layer (got {named.value})"
        )
    ours, theirs = (
        each["dataflow"].value if "dataflow" in each else Settings.dataflow for each in (document, file)
    )
    if ours != theirs:
        why = f"must be mappings of {ours} (got those of {theirs})"
        raise ConfigError(located(document, ConfigError(why, at=(MAPPING,), also=[("dataflow",)])))
    return with_field(document, MAPPING, file[MAPPING])


def with_pruning(document: Document) -> Document:
    """A run whose ``sparsity.prune`` names a pruning file, with the layers of that file in place of its name.

    Raises:
        ConfigError: if there is no such file, or it is none.
    """
    block = document.child(SPARSITY)
    prune = block.child(PRUNE) if block else None
    if block is None or prune is None or prune.value is None:
        return document
    if isinstance(prune.value, dict) and EXTENDS not in prune:
        return document
    file = resolve(block, PRUNE, "pruning")
    build(file, Pruning)
    return with_field(document, SPARSITY, with_field(block, PRUNE, file["layers"]))


def with_schemes(document: Document) -> Document:
    """A run whose ``datapaths`` are by layer, each scheme with all it says in place of its name.

    Raises:
        ConfigError: if there is no such scheme.
    """
    named = schemes_by_layer(document)
    if named is None:
        return document
    found = {layer: _opened(resolve(named, layer, "schemes")) for layer in named.fields}
    return with_field(document, DATAPATHS, replace(named, value=found))


def schemes_by_layer(document: Document) -> Document | None:
    """What *document* has under ``datapaths``, by layer; None without."""
    given = document.child(DATAPATHS)
    if given is None or given.value is None:
        return None
    if isinstance(given.value, dict) and not any(key in given for key in _OF_A_SCHEME):
        return given
    return replace(given, value={ALL: given})


def with_field(document: Document, key: str, value: Document) -> Document:
    """*document* with *value* under *key*."""
    return replace(document, value={**document.fields, key: value})


def _opened(scheme: Document) -> Document:
    """*scheme* with what it names for the first and the last layer in place of the name."""
    if _FIRST_LAST not in scheme or scheme[_FIRST_LAST].value is None:
        return scheme
    return with_field(scheme, _FIRST_LAST, resolve(scheme, _FIRST_LAST, "schemes"))
