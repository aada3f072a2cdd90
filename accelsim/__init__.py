"""accelsim: an event-driven, cycle-level simulator of DNN accelerator PE arrays."""

from importlib import import_module
from typing import TYPE_CHECKING

from accelsim.errors import AccelsimError, ConfigError, LegalityError, SimulationError

if TYPE_CHECKING:
    from accelsim.run.experiment import Experiment, load
    from accelsim.run.result import LayerResult, Result
    from accelsim.studies.comparing import compare
    from accelsim.studies.comparison import Comparison
    from accelsim.studies.sparsity import Gains, Sweep, against_dense, density_sweep

__version__ = "0.1.0"

__all__ = [
    "AccelsimError",
    "Comparison",
    "ConfigError",
    "Experiment",
    "Gains",
    "LayerResult",
    "LegalityError",
    "Result",
    "SimulationError",
    "Sweep",
    "against_dense",
    "compare",
    "density_sweep",
    "load",
]

_HOMES = {
    "Comparison": "accelsim.studies.comparison",
    "compare": "accelsim.studies.comparing",
    "Experiment": "accelsim.run.experiment",
    "load": "accelsim.run.experiment",
    "Gains": "accelsim.studies.sparsity",
    "Sweep": "accelsim.studies.sparsity",
    "against_dense": "accelsim.studies.sparsity",
    "density_sweep": "accelsim.studies.sparsity",
    "LayerResult": "accelsim.run.result",
    "Result": "accelsim.run.result",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Names whose modules import numpy and pydantic, imported late: ``--help`` needs neither."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
