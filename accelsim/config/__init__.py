"""YAML into frozen, validated objects; every complaint says file, line and key."""

from accelsim.config.blame import blamed as blamed
from accelsim.config.building import build as build
from accelsim.config.building import to_plain as to_plain
from accelsim.config.catalogue import find as find
from accelsim.config.catalogue import folder as folder
from accelsim.config.catalogue import load_yaml as load_yaml
from accelsim.config.catalogue import names as names
from accelsim.config.catalogue import near as near
from accelsim.config.catalogue import resolve as resolve
from accelsim.config.document import Document as Document
from accelsim.config.document import Origin as Origin
from accelsim.config.document import Plain as Plain
from accelsim.config.document import Resolved as Resolved
from accelsim.config.document import from_plain as from_plain
from accelsim.config.document import shown as shown
from accelsim.config.reading import dump_yaml as dump_yaml
from accelsim.config.reading import parse_value as parse_value
