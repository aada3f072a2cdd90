"""What can be named on the command line or in a run file, each with one line on what it is."""

import ast
import re
import textwrap
from pathlib import Path

from accelsim.config import find, load_yaml, names
from accelsim.errors import ConfigError
from accelsim.mapping.dataflow import dataflow_folder, dataflow_names
from accelsim.run.sections import SECTIONS

LONGEST = 96
"""Characters of a description; what is longer is cut at a word."""

_SENTENCE_END = re.compile(r"\.(?:\s|$)")


def listing(section: str) -> dict[str, str]:
    """The names of *section*, sorted, and what each is.

    Raises:
        ConfigError: if *section* is none of :data:`accelsim.run.sections.SECTIONS`.
    """
    if section not in SECTIONS:
        raise ConfigError(f"section must be one of {', '.join(SECTIONS)} (got {section!r})")
    if section == "dataflows":
        folder = dataflow_folder()
        return {name: _short(_docstring(folder / f"{name}.py")) for name in dataflow_names()}
    return {name: _short(_described(find(section, name))) for name in names(section)}


def _described(path: Path) -> str:
    """The source of a config, or else the first sentence of the comment that it begins with."""
    document = load_yaml(path)
    if "source" in document:
        return str(document["source"].plain)
    comment = re.match(r"(#.*\n)*", path.read_text(encoding="utf-8"))
    lines = comment.group().splitlines() if comment else []
    return _SENTENCE_END.split(" ".join(line.lstrip("# ") for line in lines))[0]


def _docstring(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return doc.partition("\n")[0].rstrip(".")


def _short(text: str) -> str:
    return textwrap.shorten(text, LONGEST, placeholder=" ...")
