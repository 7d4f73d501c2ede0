"""TensorFlow: the whole step as one tf.function over Keras's layers, with the fused kernel for Adam."""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import tensorflow as tf
from serve import THREADS, in_turn, serve

tf.config.threading.set_intra_op_parallelism_threads(THREADS)
tf.config.threading.set_inter_op_parallelism_threads(THREADS)


def layers_of(layer):
    """bench/networks.mjs follows Keras: layouts, gates and defaults are the same."""
    make, activation = tf.keras.layers, layer.get("activation")
    makers = {
        "dense": lambda: [make.Dense(layer["units"], activation)],
        "conv": lambda: [make.Conv2D(layer["filters"], 3, padding="same", activation=activation, use_bias=layer["useBias"])],
        "norm": lambda: [make.BatchNormalization(), make.Activation(activation)],
        "pool": lambda: [make.MaxPooling2D()],
        "flatten": lambda: [make.Flatten()],
        "lstm": lambda: [make.LSTM(layer["units"])],
        "gru": lambda: [make.GRU(layer["units"])],
    }
    return makers[layer["type"]]()


class Network:
    def __init__(self, case):
        self.case = case
        self.x, self.y = tf.constant(case.x), tf.constant(case.y)
        self.order = [tf.constant(rows) for rows in case.order]
        self.model = tf.keras.Sequential([part for layer in case.network["layers"] for part in layers_of(layer)])
        self.model.build([None, *case.network["input"]])
        self.weights = [v.value for v in self.model.trainable_variables]
        self.moving = [(v.value, tf.identity(v.value)) for v in self.model.non_trainable_variables]
        self.means = [tf.Variable(tf.zeros_like(w)) for w in self.weights]
        self.squares = [tf.Variable(tf.zeros_like(w)) for w in self.weights]
        self.time = tf.Variable(0.0)
        self.loss = tf.Variable(0.0)
        self.correct = tf.Variable(0)
        rows = tf.TensorSpec([case.batch], tf.int32)
        sample = tf.TensorSpec([1, *case.network["input"]], tf.float32)
        # Concrete functions: a call does not look up a signature first.
        self.step = tf.function(self.step_body).get_concrete_function(rows)
        self.probabilities = tf.function(self.probabilities_body).get_concrete_function(sample)
        self.reset()

    def reset(self):
        for variable, start in zip(self.weights, self.case.weights):
            variable.assign(start)
        for variable, start in self.moving:
            variable.assign(start)
        for variable in self.means + self.squares + [self.time, self.loss, self.correct]:
            variable.assign(tf.zeros_like(variable))
        self.batches = in_turn(self.order)

    def probabilities_body(self, x):
        return tf.nn.softmax(self.model(x, training=False))

    def gather(self, rows):
        x = tf.gather(self.x, rows)
        if x.dtype != tf.float32:
            x = tf.cast(x, tf.float32) * self.case.scale + self.case.shift
        return x, tf.gather(self.y, rows)

    def step_body(self, rows):
        x, y = self.gather(rows)
        with tf.GradientTape() as tape:
            logits = self.model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        self.adam(tape.gradient(loss, self.weights))
        self.loss.assign_add(loss)
        self.correct.assign_add(tf.reduce_sum(tf.cast(tf.argmax(logits, 1, tf.int32) == y, tf.int32)))
        return loss

    def adam(self, gradients):
        """TensorFlow's fused kernel adds its epsilon before v is corrected: it is given one that makes up for that."""
        c = self.case
        time = self.time.assign_add(1.0)
        power1, power2 = c.beta1**time, c.beta2**time
        epsilon = c.epsilon * tf.sqrt(1 - power2)
        for w, m, v, g in zip(self.weights, self.means, self.squares, gradients):
            handles = {"var": w.handle, "m": m.handle, "v": v.handle}
            powers = {"beta1_power": power1, "beta2_power": power2, "lr": c.learningRate}
            betas = {"beta1": c.beta1, "beta2": c.beta2, "epsilon": epsilon}
            tf.raw_ops.ResourceApplyAdam(**handles, **powers, **betas, grad=g, use_locking=False)

    def steps(self, n):
        for _ in range(n):
            loss = self.step(next(self.batches))
        loss.numpy()

    def losses(self, n):
        self.reset()
        return [self.step(next(self.batches)).numpy() for _ in range(n)], self.correct.numpy()

    def predict(self, sample):
        return self.probabilities(tf.constant(sample[None])).numpy()


class Peer:
    load = Network

    def about(self):
        how = "one tf.function per step over Keras layers, fused Adam kernel (as fast as with jit_compile, faster than train_on_batch)"
        versions = {"tensorflow": tf.__version__, "keras": tf.keras.__version__}
        return {"versions": versions, "blas": "oneDNN and Eigen, as built into the wheel", "how": how}


serve(Peer())
