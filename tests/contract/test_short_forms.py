"""What an architecture says in short is read in one place; everybody else asks its paths and its link."""

import ast
from pathlib import Path

import accelsim

HOME = Path(accelsim.__path__[0])
SHORT = {"glb", "filter_glb", "dram", "ifmap_via_glb", "ofmap_via_glb", "storage_area"}
"""Keys of an architecture that stand for memories and the link."""

FILES = sorted([*HOME.rglob("*.py"), *(HOME.parent / "dataflows").rglob("*.py")])


def short_forms(source: str) -> list[str]:
    """Short forms that *source* reads off an ``arch``."""
    return [
        node.attr
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in SHORT
        and ast.unparse(node.value).rpartition(".")[2] in ("arch", "_arch", "chip", "machine")
    ]


def test_short_forms_are_seen_wherever_an_architecture_is():
    source = "self.program.arch.filter_glb is None or arch.dram == x or fill.glb or self._arch.paths.glb"
    assert sorted(short_forms(source)) == ["dram", "filter_glb"]


def test_no_other_module_reads_a_short_form():
    found = {str(file): short_forms(file.read_text(encoding="utf-8")) for file in FILES}
    assert {file for file, forms in found.items() if forms} == set()
