"""Mappings in a file of their own: written by ``accelsim map --save``, given back as ``mapping: FILE``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from accelsim.config import Document, Plain, dump_yaml, resolve
from accelsim.errors import ConfigError
from accelsim.run.settings import Settings
from accelsim.run.telling import told

MAPPING = "mapping"
"""The key of a run file, and of a file of mappings, under which tile sizes stand by layer."""


def save(path: Path, dataflow: str, choices: Mapping[str, Mapping[str, int]]) -> None:
    """Write the *choices* of a dataflow, tile sizes by layer, to *path*.

    Raises:
        ConfigError: if the file cannot be written.
    """
    sizes = {layer: dict(choice) for layer, choice in choices.items()}
    text = dump_yaml(cast(Plain, {"dataflow": dataflow, MAPPING: sizes}))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot write mappings ({error.strerror})") from error


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
        raise ConfigError(told(document, ConfigError(why, at=(MAPPING,), also=[("dataflow",)])))
    return Document({**document.fields, MAPPING: file[MAPPING]}, document.origin)
