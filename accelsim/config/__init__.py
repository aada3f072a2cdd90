"""YAML into frozen, validated objects; every complaint says file, line and key."""

from accelsim.config.blame import blamed
from accelsim.config.building import build, to_plain
from accelsim.config.catalogue import KINDS, find, folder, load_yaml, names, near, resolve
from accelsim.config.document import Document, Origin, Plain, Resolved, from_plain, shown
from accelsim.config.reading import dump_yaml, parse_value

__all__ = [
    "KINDS",
    "Document",
    "Origin",
    "Plain",
    "Resolved",
    "blamed",
    "build",
    "dump_yaml",
    "find",
    "folder",
    "from_plain",
    "load_yaml",
    "names",
    "near",
    "parse_value",
    "resolve",
    "shown",
    "to_plain",
]
