"""What happens inside a pass, spelled out before time starts: FIFOs, words on buses in order, steps of PEs.

A kind of pass is a builder of plans; :mod:`accelsim.passes.build` alone knows which one a mapping needs, and
all others ask the plan itself (:class:`accelsim.passes.protocol.Plan`). Both engines run this description;
neither finds any timing in it.
"""
