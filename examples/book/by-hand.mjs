// The book's classes, written with tensors: forward(inputs), backward(dvalues). Nothing here calls the chain rule.
import { equal, losses, mean, oneHot, where, zeros } from 'chainrule'

export class LayerDense {
  constructor(inputs, neurons, generator) {
    this.weights = generator.randn(inputs, neurons).mul(0.01)
    this.biases = zeros([1, neurons])
  }
  forward(inputs) {
    this.inputs = inputs
    this.output = inputs.dot(this.weights).add(this.biases)
  }
  backward(dvalues) {
    this.dweights = this.inputs.T.dot(dvalues)
    this.dbiases = dvalues.sum({ axis: 0, keepdims: true })
    this.dinputs = dvalues.dot(this.weights.T)
  }
}

export class ActivationReLU {
  forward(inputs) {
    this.inputs = inputs
    this.output = inputs.maximum(0)
  }
  backward(dvalues) {
    this.dinputs = where(this.inputs.greater(0), dvalues, 0)
  }
}

export class ActivationSoftmaxLoss {
  forward(inputs, labels) {
    const powers = inputs.sub(inputs.max({ axis: 1, keepdims: true })).exp()
    this.output = powers.div(powers.sum({ axis: 1, keepdims: true }))
    this.loss = mean(losses.categoricalCrossentropy(labels, this.output))
    this.accuracy = mean(equal(this.output.argmax({ axis: 1 }), labels))
  }
  backward(labels) {
    const [samples, classes] = this.output.shape
    this.dinputs = this.output.sub(oneHot(labels, classes)).div(samples)
  }
}

export class OptimizerSGD {
  constructor(learningRate = 1) {
    this.learningRate = learningRate
  }
  update(layer) {
    layer.weights = layer.weights.sub(layer.dweights.mul(this.learningRate))
    layer.biases = layer.biases.sub(layer.dbiases.mul(this.learningRate))
  }
}
