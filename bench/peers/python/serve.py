"""A peer's side of the conversation: commands as lines of JSON on stdin, answers as lines of JSON on stdout.

A peer file makes an object with `load(case)`, which returns a network with

    steps(n)      n training steps, finished when it returns; may do a few more and return how many it did
    losses(n)     the loss of each of the first n steps from the starting weights, and the correct predictions in them
    predict(x)    probabilities for one sample: array on the host in, array on the host out

and `about()`. Loading, timing and reading of files happen here.
"""
import json
import os
import platform
import sys
import time
import traceback

import numpy as np

THREADS = int(os.environ["PEER_THREADS"])


class Case:
    """What the runner wrote: the network (bench/networks.mjs says how it is meant), hyperparameters and arrays."""

    def __init__(self, folder, name):
        with open(os.path.join(folder, f"{name}.json"), encoding="utf8") as file:
            self.__dict__.update(json.load(file))

        def read(part, dtype, *shape):
            return np.fromfile(os.path.join(folder, f"{name}-{part}.bin"), dtype).reshape(shape)

        self.x = read("x", np.dtype(self.dtype), self.samples, *self.network["input"])
        self.y = read("y", np.int32, *self.labels)
        self.order = read("order", np.int32, self.batches, self.batch)
        self.sample = read("sample", np.dtype(self.sampleDtype), *self.network["input"])
        self.weights = list(split(read("weights", np.float32, -1), self.shapes))


def split(flat, shapes):
    begin = 0
    for shape in shapes:
        size = int(np.prod(shape))
        yield flat[begin : begin + size].reshape(shape)
        begin += size


def timed(work):
    begin = time.perf_counter()
    count = work()
    return count, (time.perf_counter() - begin) * 1e6


class Server:
    def __init__(self, peer):
        self.peer = peer
        self.networks = {}
        self.samples = {}

    def about(self, _):
        about = self.peer.about()
        about["versions"]["python"] = platform.python_version()
        return about

    def load(self, ask):
        case = Case(ask["folder"], ask["case"])
        self.networks[ask["case"]] = self.peer.load(case)
        self.samples[ask["case"]] = case.sample
        return {}

    def losses(self, ask):
        losses, correct = self.networks[ask["case"]].losses(ask["steps"])
        return {"losses": [float(v) for v in losses], "correct": int(round(float(correct)))}

    def steps(self, ask):
        """A tenth of them first, untimed: caches and threads wake up."""
        network, wanted = self.networks[ask["case"]], ask["steps"]
        if wanted >= 10:
            network.steps(wanted // 10)
        done, microseconds = timed(lambda: network.steps(wanted))
        done = done or wanted
        return {"steps": done, "microseconds": microseconds / done}

    def predict(self, ask):
        predict, sample, calls = self.networks[ask["case"]].predict, self.samples[ask["case"]], ask["calls"]

        def work(count):
            for _ in range(count):
                predict(sample)

        output = np.asarray(predict(sample)).reshape(-1)
        work(calls // 10)
        _, microseconds = timed(lambda: work(calls))
        return {"microseconds": microseconds / calls, "output": [float(v) for v in output]}

    def answer(self, line):
        try:
            ask = json.loads(line)
            return getattr(self, ask["command"])(ask)
        except Exception as error:
            traceback.print_exc()
            return {"error": f"{type(error).__name__}: {error}".strip().split("\n")[0][:300]}


def serve(peer):
    # Libraries print to stdout as they please: answers go to a copy of it, everything else to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    server = Server(peer)
    for line in sys.stdin:
        answers.write(json.dumps(server.answer(line)) + "\n")
        answers.flush()


def in_turn(batches):
    """Endless batches, in the order of the file."""
    while True:
        yield from batches
