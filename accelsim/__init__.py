"""accelsim: an event-driven, cycle-level simulator of DNN accelerator PE arrays."""

from importlib import import_module
from typing import TYPE_CHECKING

from accelsim.errors import AccelsimError, ConfigError, LegalityError, SimulationError

if TYPE_CHECKING:
    from accelsim.comparing import compare
    from accelsim.comparison import Comparison
    from accelsim.experiment import Experiment, load
    from accelsim.gains import Gains, Sweep, against_dense, density_sweep
    from accelsim.result import LayerResult, Result

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
    "Comparison": "accelsim.comparison",
    "compare": "accelsim.comparing",
    "Experiment": "accelsim.experiment",
    "load": "accelsim.experiment",
    "Gains": "accelsim.gains",
    "Sweep": "accelsim.gains",
    "against_dense": "accelsim.gains",
    "density_sweep": "accelsim.gains",
    "LayerResult": "accelsim.result",
    "Result": "accelsim.result",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Names whose modules import numpy and pydantic, imported late: ``--help`` needs neither."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)
