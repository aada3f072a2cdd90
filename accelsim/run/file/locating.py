"""Where a refusal of a run is reported: at the line, or override, given last of those it is about."""

import re
from dataclasses import fields
from functools import reduce

from accelsim.config import Document, Origin, blamed
from accelsim.errors import ConfigError, LegalityError, Path
from accelsim.machine import Arch

_RULES = (
    (r"\bfilter GLB, ", ("filter_glb", "word_bits", "datapath")),
    (r"(?<!filter )\bGLB, ", ("glb", "filter_glb", "word_bits", "psum_word_bits", "datapath")),
    (r"\bspad\b|\bregister file\b", ("rf", "word_bits", "psum_word_bits", "datapath")),
    (r"\barray (height|width)\b|\bPEs?\b.*: needs ", ("array",)),
)
"""The parts of the architecture that a limit is made of, by the words of its rule."""


def located(document: Document, error: ConfigError) -> str:
    """*error* in one line: the place in the run file *document* that it is about, and why."""
    why = str(error)
    about = ConfigError(why, at=error.at, also=[*error.also, *_of_machine(why), *_of_rule(document, error)])
    place = blamed(document, about)
    named = reduce(Origin.child, error.at, Origin(None)).key
    inside = any(part is place for part in document.nearest(error.at).parts) or why.startswith(named)
    return place.origin.says(why if inside else f"{named}: {why}")


def _of_machine(why: str) -> list[Path]:
    """The parts of the architecture that *why* names, as paths of the run file."""
    known = "|".join(field.name for field in fields(Arch) if field.name != "name")
    found = re.findall(rf"(?<![\w.])((?:{known})(?:\.\w+)+|(?:{known})(?=: | of ))", why)
    return [("arch", *key.split(".")) for key in found]


def _of_rule(document: Document, error: ConfigError) -> list[Path]:
    """What the limit of a mapping is made of: its sizes, and the parts of the machine that hold it."""
    if not isinstance(error, LegalityError):
        return []
    why = str(error)
    parts: list[Path] = [("arch", key) for words, keys in _RULES if re.search(words, why) for key in keys]
    if re.search(r"\bifmaps, has ", why):
        parts.append(("batch",))
    if re.search(r"\bunder this dataflow\b|\bof single MACs\b", why):
        parts.append(("dataflow",))
    sizes = document.nearest(error.at) if error.at[0] == "mapping" else None
    if sizes is not None and isinstance(sizes.value, dict):
        parts += [(*error.at, size) for size in sizes.value if re.search(rf"\b{size}\b", why)]
        parts.append(("network",))
    return parts
