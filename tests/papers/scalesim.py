"""The machine of SCALE-Sim (Samajdar et al., 2018): our systolic array with nothing to wait for."""

from accelsim.config import build, find, load_yaml
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.machine import Arch
from accelsim.network.layer import Layer
from accelsim.program.jobs import Program, make_program
from dataflows.input_stationary import InputStationary
from dataflows.output_stationary_gemm import OutputStationaryGemm
from dataflows.weight_stationary_gemm import WeightStationaryGemm

FLOWS = ("os", "ws", "is")
LARGE = 1 << 16  # banks: every layer fits the memories


def array(rows: int, cols: int, *, drain: str = "hidden", fold_length: str = "array") -> Arch:
    """The packaged array with other sizes, memories that are large enough, and nothing to wait for."""
    changes = {"rows": rows, "cols": cols, "drain": drain, "fold_length": fold_length}
    overrides = {f"array.{key}": value for key, value in changes.items()}
    overrides |= {"dram": "ideal", "padding": "stored", "glb.banks": LARGE, "filter_glb.banks": LARGE}
    return build(load_yaml(find("arch", "systolic_16x16"), "arch").with_overrides(overrides), Arch)


def simulated(flow: str, layer: Layer, arch: Arch) -> tuple[Program, Outcome]:
    """*layer* in the largest folds that fit *arch*: the program and its outcome."""
    rows, cols = arch.array.rows, arch.array.cols
    pixels, taps = layer.n * layer.e * layer.f, layer.group_c * layer.r * layer.s
    across = min(cols, layer.m)
    dataflow = {
        "os": OutputStationaryGemm(t=pixels, m=across, e=min(rows, pixels)),
        "ws": WeightStationaryGemm(t=pixels, m=across, k=min(rows, taps)),
        "is": InputStationary(t=pixels, k=min(rows, taps), e=min(cols, pixels)),
    }[flow]
    program = make_program(dataflow.map(layer, arch), arch)
    return program, fast.simulate(program, None)
