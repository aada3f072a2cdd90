"""The command line: stdout is the result, stderr everything else, the exit code says whose fault it was."""

from accelsim.cli.commands import cli as cli
from accelsim.cli.running import main as main
