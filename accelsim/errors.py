"""Every error accelsim raises on purpose; each message is one line that says what must hold, then what came."""


class AccelsimError(Exception):
    """Anything accelsim refuses; the command line prints it as one line, never as a traceback."""


class ConfigError(AccelsimError, ValueError):
    """A description that cannot be: a value out of range, an unknown name, a file that is not there."""


class LegalityError(ConfigError):
    """A mapping that the architecture cannot hold; names the rule and by how much it is broken."""


class SimulationError(AccelsimError, RuntimeError):
    """A simulated machine that cannot go on: a circular wait or an accumulator overflow."""
