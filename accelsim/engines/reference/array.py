"""The PE array: its PEs, what stays between them, and the ports of the pass that runs on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link, Registers, Window
from accelsim.engines.reference.mac_costs import costs_of_macs
from accelsim.engines.reference.pe import Duty, PEPart
from accelsim.engines.reference.transfer import Collection, Fan, Transfer
from accelsim.engines.reference.waiting import Countdown, Part
from accelsim.machine import Operand
from accelsim.machine.control import control_of
from accelsim.mapping.operands import Operands
from accelsim.passes.build import script_of
from accelsim.passes.given import Given
from accelsim.passes.script import Fifo, Load, Numbers, Script
from accelsim.program.jobs import Program
from accelsim.stats import Actions


class Buses(NamedTuple):
    """The parts at the other end of the array's ports."""

    weight: Part
    ifmap: Part
    psum: Part
    ofmap: Part


@dataclass(frozen=True)
class RunningPass:
    """One pass: what runs in each PE, and what the buses serve, in order."""

    work: Sequence[tuple[PEPart, ProcessGenerator]]
    weight: Iterator[Transfer]
    ifmap: Iterator[Transfer]
    psum: Iterator[Transfer]
    drained: bool  # the pass lasts until its psums have left the PEs
    tail: int  # cycles that it lasts longer


class Array:
    """PEs by row-major index. A PE keeps its words and its FIFO to the ofmap bus from pass to pass."""

    def __init__(
        self,
        env: simpy.Environment,
        program: Program,
        buses: Buses,
        operands: Operands | None,
        actions: Actions,
    ) -> None:
        self.env, self.buses, self.actions = env, buses, actions
        self._program, self._operands = program, operands
        arch = program.arch
        control = control_of(arch, values=operands is not None)
        self.pes = [
            PEPart(env, f"PE {divmod(index, arch.array.cols)}", arch, control, actions)
            for index in range(arch.array.pes)
        ]
        self._outputs: dict[int, Link] = {}  # by PE

    def wire(self, index: int) -> RunningPass:
        """The pass of job *index*, which begins now."""
        script, pes = self._script(index), self._pes(index)
        numbers = Numbers(len(pes))
        links = {port: self._link(fifo, pes) for port, fifo in script.fifos().items()}
        given = dict(enumerate(self._keep(script, pes), numbers.kept(0)))
        outputs = self._outputs_of(index)
        links |= {numbers.port("output", p): outputs[pe] for p, pe in enumerate(pes) if pe in outputs}
        costs = costs_of_macs(script.keeps, self._program.arch)
        work = [
            (self.pes[pe], self.pes[pe].run(Duty(script.steps(p), links, costs))) for p, pe in enumerate(pes)
        ]
        weight, ifmap, psum = (
            self._transfers(script, bus, {**links, **given}) for bus in ("weight", "ifmap", "psum")
        )
        return RunningPass(work, weight, ifmap, psum, script.drained, script.tail)

    def outputs(self, index: int) -> list[Collection]:
        """The psums of job *index*, which may have begun or not, in order."""
        links, pes = self._outputs_of(index), self._pes(index)
        return [
            Collection(one.address, links[pes[one.pe]], one.bypass, one.beat)
            for one in self._script(index).collected()
        ]

    def _script(self, index: int) -> Script:
        program, job = self._program, self._program.jobs[index]
        given = Given(program.layer, program.arch, job.work, job.load, self._operands)
        return script_of(program.mapping, program.plans[job.shape], given)

    def _pes(self, index: int) -> list[int]:
        pes: list[int] = self._program.plans[self._program.jobs[index].shape].pes.ravel().tolist()
        return pes

    def _outputs_of(self, index: int) -> dict[int, Link]:
        """The FIFOs between PEs and the ofmap bus, which are the same in every pass."""
        plan, arch = self._program.plans[self._program.jobs[index].shape], self._program.arch
        outputs = plan.outputs(arch)
        for pe, places in zip(outputs.pes.tolist(), outputs.places.tolist(), strict=True):
            if pe not in self._outputs:
                latency = arch.pe.pipeline_stages
                self._outputs[pe] = Link(
                    self.env, self.pes[pe], self.buses.ofmap, places=places, latency=latency
                )
        return self._outputs

    def _link(self, fifo: Fifo, pes: list[int]) -> Link:
        sender = getattr(self.buses, fifo.operand) if fifo.giver is None else self.pes[pes[fifo.giver]]
        taker, size, latency = self.pes[pes[fifo.taker]], fifo.places, fifo.latency
        counts = None if fifo.counts is None else (self.actions, fifo.counts)
        if fifo.columns is None:
            return Link(
                self.env, sender, taker, places=size, latency=latency, operand=fifo.operand, counts=counts
            )
        return Window(
            self.env,
            sender,
            taker,
            places=size,
            latency=latency,
            carried=fifo.columns,
            counts=counts,
            word=self._program.arch.datapath.word,
        )

    def _keep(self, script: Script, pes: list[int]) -> Iterator[Registers]:
        """New words to keep in each of *pes*, where the script says so."""
        loads, env = script.loads(), self.env
        common = sum(int(load.carried.sum()) for load in loads)
        together = Countdown(env.event(), common)
        for load, index in zip(loads, pes, strict=False):
            own = together if script.together else Countdown(env.event(), int(load.carried.sum()))
            pe = self.pes[index]
            pe.kept = self._kept(load, pe, own)
            yield pe.kept

    def _kept(self, load: Load, pe: PEPart, usable: Countdown) -> Registers:
        counts = {f"rf.write:{load.operand}": 1, f"noc.hop:{load.operand}": load.hops}
        return Registers(
            getattr(self.buses, load.operand),
            pe,
            load.operand,
            carried=load.carried,
            latency=load.latency,
            usable=usable,
            counts=(self.actions, counts),
            word=self._program.arch.datapath.word,
        )

    def _transfers(
        self, script: Script, bus: Operand, ports: dict[int, Link | Registers]
    ) -> Iterator[Transfer]:
        """The words of *bus*; those to the same ports share a fan."""
        fans: dict[tuple[int, ...], Fan] = {}
        for address, to, beat in script.words(bus):
            if to not in fans:
                fans[to] = Fan(self.env, [ports[port] for port in to])
            yield Transfer(address, fans[to], beat)
