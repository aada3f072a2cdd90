"""The runs that a comparison is made of, each a run file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from accelsim.config import Document, Origin, names, near
from accelsim.config.document import EXTENDS, merged
from accelsim.errors import ConfigError
from accelsim.mapping.dataflow import dataflow_names
from accelsim.run.experiment import Experiment
from accelsim.run.file import COMPARE

Key = Literal["dataflow", "datapaths"]
"""The key of a run file whose value a label names, if it has no entry in the compare block."""

NO_BASELINE = "none"
"""What stands on the command line for no baseline; no label may have this name."""

_WHOLE = ("datapaths", "input", "weights", "labels")
"""Keys that a label replaces as a whole, where an entry has them."""


def variants(
    experiment: Experiment, dataflows: Sequence[str] | None = None, datapaths: Sequence[str] | None = None
) -> dict[str, Document]:
    """The run files that a comparison runs, by label, in order.

    Args:
        experiment: the run.
        dataflows: labels of its ``compare`` block, or dataflows; by default all of the one or the other.
        datapaths: in their place labels of the block, or schemes.

    Raises:
        ConfigError: if a label is none of these, or the block is at fault.
    """
    block = _block(experiment.document)
    if datapaths is not None:
        if dataflows is not None:
            raise ConfigError("either dataflows or datapaths must be left out (got both)")
        _check_labels("datapaths", datapaths, block, names("schemes"), "schemes of accelsim list schemes")
        return {label: _variant(experiment, label, block.get(label), "datapaths") for label in datapaths}
    wanted = tuple(block or dataflow_names()) if dataflows is None else tuple(dataflows)
    dotted = [label for label in wanted if "." in label]  # paths of the user's own classes
    _check_labels("dataflows", wanted, block, (*dataflow_names(), *dotted), "files of dataflows/")
    return {label: _variant(experiment, label, block.get(label), "dataflow") for label in wanted}


def _check_labels(
    key: str, wanted: Sequence[str], block: Mapping[str, Document], known: Sequence[str], what: str
) -> None:
    """Raise ConfigError unless *wanted* are labels of *block* or among *known*, each once."""
    if not wanted:
        raise ConfigError(f"{key} must name at least one (got none)")
    for at, label in enumerate(wanted):
        if label in wanted[:at]:
            raise ConfigError(f"{key} must be named once (got {label!r} twice)")
        if label not in block and label not in known:
            raise ConfigError(
                f"{key} must be labels of the run's compare block or {what} (got {label!r})"
                f"{near(label, dict.fromkeys((*block, *known)))}"
            )


def _block(document: Document) -> dict[str, Document]:
    """The entries of the ``compare`` block by label; none without a block."""
    if COMPARE not in document:
        return {}
    block = document[COMPARE]
    if not block.fields:
        raise block.origin.error("must have a label (got none)")
    for label, entry in block.fields.items():
        if label in ("", NO_BASELINE) or "," in label:
            raise entry.origin.error(f"a label must be text without a comma, and not {NO_BASELINE!r}")
        if COMPARE in entry.fields:
            raise entry[COMPARE].origin.error("must be at the top of a run file, not in a label")
    return block.fields


def _variant(experiment: Experiment, label: str, entry: Document | None, key: Key) -> Document:
    """The run with *entry* on top or, without one, with *label* under *key*; overrides above all.

    A mapping is of one dataflow: a variant with another one starts without. What *entry* says of schemes
    and files takes the place of what the run says, with nothing of that left.
    """
    named = Document({key: Document(label, Origin(None, override=key))}, experiment.document.origin)
    over = named if entry is None else entry
    dataflow = over["dataflow"].value if "dataflow" in over else None
    replaced = [whole for whole in _WHOLE if whole in over]
    if dataflow not in (None, experiment.settings.dataflow):
        replaced.append("mapping")
    base = experiment.document.without(COMPARE, *replaced)
    if entry is None:
        return merged(base, over)
    overrides = {name: v for name, v in experiment.overrides.items() if name.split(".")[0] != COMPARE}
    return _opened(merged(_opened(base), entry)).with_overrides(overrides)


def _opened(document: Document) -> Document:
    """*document* with ``{extends: name}`` for the name of a config: keys below it can be merged in."""
    fields = dict(document.fields)
    for key in ("arch", "network", "energy"):
        if key in fields and isinstance(fields[key].value, str):
            fields[key] = replace(fields[key], value={EXTENDS: fields[key]})
    return replace(document, value=fields)
