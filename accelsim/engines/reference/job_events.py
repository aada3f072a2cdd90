"""What happens once per job, for others to wait for."""

import simpy


class JobEvents:
    """Events by job number; each lies ahead until it happens, and stays happened."""

    def __init__(self, env: simpy.Environment, jobs: int) -> None:
        def one_each() -> list[simpy.Event]:
            return [env.event() for _ in range(jobs)]

        self.weights_in = one_each()  # fetched, if the job needs new ones
        self.ifmap_in = one_each()  # likewise
        self.loaded = one_each()  # its weights have left their buffer, if it moves any
        self.over = one_each()  # the array is free
        self.collected = one_each()  # its last psum has left the array
        self.written = one_each()  # its last psum is in the GLB
        self.drained = one_each()  # its ofmap is in DRAM, if it finished one
