"""Where zeros pay: a run against the same run on a machine that treats zeros like any other value."""

from accelsim.studies.sparsity.against import Gains as Gains
from accelsim.studies.sparsity.against import against_dense as against_dense
from accelsim.studies.sparsity.layer import IDLE_LANES as IDLE_LANES
from accelsim.studies.sparsity.layer import MACS as MACS
from accelsim.studies.sparsity.layer import SLOTS as SLOTS
from accelsim.studies.sparsity.layer import Gain as Gain
from accelsim.studies.sparsity.sweep import Crossover as Crossover
from accelsim.studies.sparsity.sweep import Sweep as Sweep
from accelsim.studies.sparsity.sweep import SweepCost as SweepCost
from accelsim.studies.sparsity.sweep import SweepPoint as SweepPoint
from accelsim.studies.sparsity.sweep import SweptOperands as SweptOperands
from accelsim.studies.sparsity.sweeping import density_sweep as density_sweep
