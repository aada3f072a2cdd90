"""A file of mappings: written by ``accelsim map --save``, given back as ``mapping: FILE``."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from accelsim.config import Plain, dump_yaml
from accelsim.errors import ConfigError
from accelsim.run.file.named import MAPPING


def save_mappings(path: Path, dataflow: str, choices: Mapping[str, Mapping[str, int]]) -> None:
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
