"""JAX: lax.scan over all batches of the file in one call: no host between the steps."""
from jax_common import Base, about, jax
from serve import serve


class Network(Base):
    def __init__(self, case):
        super().__init__(case)

        def many(state, data):
            return jax.lax.scan(lambda carry, _: self.step(carry, data), state, length=case.batches)

        self.call = jax.jit(many, donate_argnums=0)

    def steps(self, n):
        calls = -(-n // self.case.batches)
        for _ in range(calls):
            self.state, _ = self.call(self.state, self.data)
        jax.block_until_ready(self.state)
        return calls * self.case.batches

    def losses(self, n):
        """The steps behind the n-th are done too: their correct predictions are taken off by running without scan."""
        self.reset()
        self.state, losses = self.call(self.state, self.data)
        self.reset()
        step = jax.jit(self.step)
        for _ in range(n):
            self.state, _ = step(self.state, self.data)
        return losses[:n], self.state[6]


class Peer:
    load = Network

    def about(self):
        return about("lax.scan over all batches in one jit, donated buffers")


serve(Peer())
