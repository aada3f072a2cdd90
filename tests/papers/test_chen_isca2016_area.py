"""Chen, Emer, Sze, "Eyeriss: a spatial architecture...", ISCA 2016: buffers under equal storage area.

Section VI-B and Fig. 7: register file of a PE in bytes, buffer in kB at 256, 512 and 1024 PEs.
The rule of the architectures is made of the 256-PE column alone.
"""

import pytest

from accelsim.config import build, find, load_yaml
from accelsim.machine import Arch

PES = (256, 512, 1024)
FIG7 = {
    "rs": (512, (128.0, 256.0, 512.0)),
    "ws": (2, (334.3, 668.5, 1337.1)),
    "osa": (98, (243.9, 487.8, 975.7)),
    "osb": (10, (303.8, 607.7, 1215.3)),
    "osc": (2, (334.3, 668.5, 1337.1)),
    "nlr": (0, (338.3, 676.7, 1353.4)),
}
PRINTED = 0.05  # half a unit of the last printed digit, kB


def arch(flow, pes=256, **overrides):
    document = load_yaml(find("arch", f"isca2016_{flow}_256"), "arch")
    return build(document.with_overrides({"array.rows": pes // 16, **overrides}), Arch)


@pytest.mark.parametrize("flow", FIG7)
def test_register_files_of_fig_7(flow):
    assert arch(flow).rf.bytes == FIG7[flow][0]


@pytest.mark.parametrize("flow", FIG7)
@pytest.mark.parametrize("pes", PES)
def test_buffers_of_fig_7_follow_from_those_of_256_pes_within_rounding(flow, pes):
    """What 256 PEs leave unsaid grows with the array; the bound is below 0.1 % throughout."""
    published, made = FIG7[flow][1][PES.index(pes)], arch(flow, pes)
    assert made.array.pes == pes
    assert made.buffer.bytes / 1024 == pytest.approx(published, abs=PRINTED * (pes / 256 + 1), rel=0)


def test_row_stationary_has_128_kb_to_the_byte():
    assert [arch("rs", pes).buffer.bytes for pes in PES] == [131072, 262144, 524288]


def test_a_user_gets_another_size_by_naming_its_rows(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("extends: isca2016_ws_256\narray: {rows: 32}\n")
    assert build(load_yaml(path, "arch"), Arch) == arch("ws", 512)


def test_a_larger_register_file_leaves_a_smaller_buffer():
    sizes = [arch("rs", **{"rf.bytes": size}).buffer.bytes for size in (2, 10, 54, 98, 305, 512)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)
