"""accelsim: an event-driven, cycle-level simulator of DNN accelerator PE arrays."""

from accelsim.errors import AccelsimError, ConfigError, LegalityError, SimulationError
from accelsim.experiment import Experiment, load
from accelsim.result import LayerResult, Result

__version__ = "0.1.0"

__all__ = [
    "AccelsimError",
    "ConfigError",
    "Experiment",
    "LayerResult",
    "LegalityError",
    "Result",
    "SimulationError",
    "load",
]
