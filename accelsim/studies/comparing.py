"""One run under several dataflows or machines: which runs those are, and their results from processes."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from tqdm import tqdm

from accelsim.checks import at_least
from accelsim.config import Document, Resolved, near
from accelsim.errors import ConfigError, LegalityError, Overflow, SimulationError
from accelsim.run.experiment import Experiment, from_document
from accelsim.run.file import COMPARE, with_mapping
from accelsim.run.result import Result
from accelsim.studies.comparison import Comparison, Refusal
from accelsim.studies.variants import NO_BASELINE, variants
from accelsim.studies.workers import define_in_main, in_processes, of_main

_T = TypeVar("_T")

WORKERS = 2
"""Processes of a comparison where *jobs* is left out; fewer if the machine has fewer processors."""

_OWN = ("dataflow", "mapping")
"""What a label in a resolved run file always says for itself, since a mapping is of one dataflow."""


def compare(
    experiment: Experiment,
    dataflows: Sequence[str] | None = None,
    jobs: int | None = None,
    normalise: str | None = None,
    *,
    datapaths: Sequence[str] | None = None,
) -> Comparison:
    """Run *experiment* once for each label, and put the results side by side.

    A label that cannot be mapped is part of the comparison, with the reason.

    Args:
        experiment: the run; what a label says of it in the file's ``compare`` block goes on top.
        dataflows: labels of that block, or names of dataflows, which run on the run's own architecture;
            by default all labels or, without a block, all of the ``dataflows/`` folder.
        jobs: processes at work at a time, with the same result; by default :data:`WORKERS`, or as many as the
            machine has processors. 1: in this process.
        normalise: the label whose numbers are 1, by default the first that ran; or :data:`NO_BASELINE`.
        datapaths: in place of *dataflows*: labels of the block, or names of schemes for all layers.

    Raises:
        ConfigError: every fault of the labels at once, one line each; or if the label to normalise to is
            none, or was refused.
        LegalityError: if no label can be mapped.
        SimulationError: if the machine of a label cannot go on, or a process is killed.
    """
    documents = variants(experiment, dataflows, datapaths)
    if normalise not in (None, NO_BASELINE, *documents):
        raise ConfigError(
            f"normalise must be a label of the comparison or {NO_BASELINE} (got {normalise!r})"
            f"{near(str(normalise), documents)}"
        )
    at_least(1, jobs=jobs)
    config = _config(experiment, documents)
    found = Comparison(name=experiment.settings.name, outcomes=outcomes(documents, jobs), config=config)
    return found.over(None if normalise == NO_BASELINE else normalise or next(iter(found.results)))


def outcomes(documents: Mapping[str, Document], jobs: int | None = None) -> dict[str, Result | Refusal]:
    """The result of each of the run files *documents* by label, or why it cannot be mapped.

    Args:
        documents: by label, in order.
        jobs: as for :func:`compare`.

    Raises:
        ConfigError: if *jobs* is below 1, or a run file is at fault.
        SimulationError: if the machine of a label cannot go on, or a process is killed.
    """
    at_least(1, jobs=jobs)
    workers = min(jobs or min(WORKERS, os.cpu_count() or 1), len(documents))
    if workers == 1:
        return {label: _outcome(label, document) for label, document in _progress(documents)}
    return _in_processes(documents, workers)


def _config(experiment: Experiment, documents: Mapping[str, Document]) -> Resolved:
    """A run file of *experiment* in full whose ``compare`` block has what the labels change, in full.

    Raises:
        ConfigError: every fault of every label at once; or if energies are not all in one unit.
    """
    base, block, faults = experiment.config(), {}, []
    for label, document in documents.items():
        try:
            config = _full(document, experiment.energy.unit)
        except ConfigError as error:
            faults += str(error).splitlines()
            continue
        block[label] = {key: value for key, value in config.items() if key in _OWN or base[key] != value}
    if faults:
        raise ConfigError("\n".join(dict.fromkeys(faults)))
    return base | {COMPARE: block}


def _full(document: Document, unit: str) -> Resolved:
    """The run of *document*, defaults included, even if a mapping that it gives is not legal."""
    given: Resolved = {}
    try:
        experiment = from_document(document)
    except LegalityError:
        experiment = from_document(document.without("mapping"))
        given = {"mapping": with_mapping(document)["mapping"].plain}
    if experiment.energy.unit != unit:
        raise document["energy"].origin.error(
            f"must be in {unit}, the unit of the run's own table (got a table in {experiment.energy.unit})"
        )
    return experiment.config() | given


def _in_processes(documents: Mapping[str, Document], workers: int) -> dict[str, Result | Refusal]:
    """The outcome of each label from *workers* processes."""
    calls = {label: partial(_sent, label, document, _own(document)) for label, document in documents.items()}
    with in_processes(calls, workers) as futures:
        return {label: future.result() for label, future in _progress(futures)}


def _own(document: Document) -> dict[str, object]:
    """The dataflow of a run, if the user's script or notebook defines it."""
    dataflow = document.child("dataflow")
    return of_main(dataflow.value) if dataflow and isinstance(dataflow.value, str) else {}


def _sent(label: str, document: Document, own: Mapping[str, object]) -> Result | Refusal:
    """The outcome of a run in a process that does not know what the user's script defines: its *own*."""
    define_in_main(own)
    return _outcome(label, document)


def _outcome(label: str, document: Document) -> Result | Refusal:
    """The result of the run that *document* describes, or why it cannot be mapped."""
    try:
        return from_document(document).run()
    except LegalityError as error:
        return Refusal(_reason(error))
    except SimulationError as error:
        raise SimulationError(f"{label}: {error}") from error


def _reason(error: LegalityError) -> str:
    """What *error* says, in one line, without the place that was put in front of it."""
    located = isinstance(error.__cause__, LegalityError) and not isinstance(error, Overflow)
    return " ".join(str(error.__cause__ if located else error).split())


def _progress(labels: Mapping[str, _T]) -> Iterator[tuple[str, _T]]:
    """*labels* in order, counted on stderr if it is a terminal."""
    yield from tqdm(labels.items(), file=sys.stderr, disable=None, unit="run", leave=False)
