"""JAX: the whole step as one jit with donated buffers, called once per step."""
from jax_common import Base, about, jax
from serve import serve


class Network(Base):
    def __init__(self, case):
        super().__init__(case)
        self.call = jax.jit(self.step, donate_argnums=0)

    def steps(self, n):
        for _ in range(n):
            self.state, _ = self.call(self.state, self.data)
        jax.block_until_ready(self.state)

    def losses(self, n):
        self.reset()
        losses = []
        for _ in range(n):
            self.state, loss = self.call(self.state, self.data)
            losses.append(float(loss))
        return losses, self.state[6]


class Peer:
    load = Network

    def about(self):
        return about("one jit per step, donated buffers, the data set as device arrays, synchronous dispatch")


serve(Peer())
