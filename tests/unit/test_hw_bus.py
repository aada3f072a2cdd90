"""Buses: in order, so many words a cycle."""

import pytest
import simpy
from simpy.events import ProcessGenerator
from test_hw_clocks import chip

