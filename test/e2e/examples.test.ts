// The book's chapters as scripts: each runs as a user would run it, and prints what the book prints.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataFolder, hasFashionMnist, sayIfSkipped } from '../support/fashion.ts'
import { checkLines, type Lines } from '../support/lines.ts'
import { root, runNode } from '../support/processes.ts'

const folder = 'examples/book'

interface Example {
  readonly epochs?: number
  readonly lines: Lines
}

const validated = /^validation, acc: 0\.\d{3}, loss: \d\.\d{3}$/

const chapters: Record<string, Example> = {
  '02-neuron-and-layer': { lines: ['4.8', '[4.8   1.21  2.385]', '20', /^ERR_SHAPE: .*different length/] },
  '02-batches': { lines: ['[[ 4.8    1.21   2.385]', ' [ 8.9   -1.81   0.2  ]', ' [ 1.41   1.051  0.026]]'] },
  '03-dense-layer': {
    lines: [
      '[[ 0.5031  -1.04185 -2.03875]',
      ' [ 0.2434  -2.7332  -5.7633 ]',
      ' [-0.99314  1.41254 -0.35655]]',
      '[[0.         0.        ]',
      ' [0.03931246 0.00932828]]',
      /^ \[-5\.7707\d+e-04 {2}7\.1401\d+e-04 -8\.9430\d+e-05]]$/,
    ],
  },
  '04-activations': {
    lines: [
      'step    [0. 1. 0. 1. 0. 1. 1. 0.]',
      'relu    [0.  2.  0.  3.3 0.  1.1 2.2 0. ]',
      /^\[\[121\.510\d* +3\.35348\d* +10\.8590\d* *]]$/,
      /^\[\[0\.89528\d* +0\.024708\d* +0\.08000\d*]]$/,
      /^\[\[0\.665\d+ 0\.244\d+ 0\.090\d+]]$/,
      '[[0.33333334 0.33333334 0.33333334]',
    ],
  },
  '05-loss': { lines: ['0 -0.2231 -4.605', /0\.385060\d$/, 'acc: 1', /^loss: 1\.09861\d\d$/, 'acc: 0.34'] },
  '06-random-search': {
    lines: [/^New set of weights found, iteration: 0 loss: 1\.0987\d* acc: 0\.333$/, /loss: 0\.1[78]\d* acc: 0\.9\d+$/],
  },
  '07-numerical-derivative': {
    lines: [
      'Approximate derivative for f(x) where x = 0 is 0.000200, exactly 0',
      'Approximate derivative for f(x) where x = 4 is 16.000200, exactly 16',
      'dx = [-3. -1.  2.], dw = [ 1. -2.  3.]',
    ],
  },
  '09-backpropagation': {
    lines: [
      '[[0.33333334 0.33333334 0.33333334]',
      /^loss: 1\.09861\d\d$/,
      'acc: 0.34',
      /^\[\[ 1\.5766\d+e-04 {2}7\.8368\d+e-05 {2}4\.732\d+e-05]$/,
      /^\[\[-3\.6055\d+e-04 {2}9\.661\d+e-05 -1\.0367\d+e-04]]$/,
      /^ \[-5\.301\d+e-05 {2}8\.581\d+e-05 -3\.280\d+e-05]]$/,
      /^\[\[-1\.06\d+e-05 -9\.4\d+e-06 {2}2\.00\d+e-05]]$/,
      /^largest difference to gradient\(loss, parameters\): \d\.\de-(0?[89]|1\d)$/,
      ' [ 2.  -2.   1. ]] true',
      /^\[\[-0\.03\d+ +-0\.015\d+]] true$/,
      /^\[\[ 0\.(21|2099)\d* +-0\.07\d* +-0\.14\d*]]$/,
    ],
  },
  '10-by-hand': {
    epochs: 10001,
    lines: [
      'epoch: 0, acc: 0.360, loss: 1.099',
      'epoch: 100, acc: 0.400, loss: 1.087',
      /^epoch: 10000, acc: 0\.[56]\d\d, loss: 0\.\d{3}$/,
    ],
  },
  '10-optimizers': {
    epochs: 101,
    lines: [
      'sgd',
      'epoch: 0, acc: 0.360, loss: 1.099, lr: 1.0',
      'epoch: 100, acc: 0.400, loss: 1.087, lr: 1.0',
      'decay',
      'epoch: 0, acc: 0.360, loss: 1.099, lr: 1.0',
      /^epoch: 100, acc: 0\.\d{3}, loss: 1\.088, lr: 0\.9099181073703367$/,
      'momentum',
      /^epoch: 100, acc: 0\.\d{3}, loss: 1\.05\d, lr: 0\.9099181073703367$/,
      'adagrad',
      /^epoch: 100, .* lr: 0\.99\d+$/,
      'rmsprop',
      'epoch: 0, acc: 0.360, loss: 1.099, lr: 0.02',
      'adam',
      'epoch: 0, acc: 0.360, loss: 1.099, lr: 0.05',
      /^epoch: 100, acc: 0\.\d{3}, loss: 0\.\d{3}, lr: 0\.04999752512250644$/,
    ],
  },
  '11-test-data': {
    epochs: 101,
    lines: ['epoch: 0, acc: 0.360, loss: 1.099, lr: 0.05', validated],
  },
  '14-regularization': {
    epochs: 101,
    lines: [
      'epoch: 0, acc: 0.360, loss: 1.099 (data_loss: 1.099, reg_loss: 0.000), lr: 0.02',
      /^epoch: 100, acc: 0\.\d{3}, loss: 0\.8\d\d \(data_loss: 0\.[78]\d\d, reg_loss: 0\.0[34]\d\), lr: 0\.019999010049002574$/,
      validated,
    ],
  },
  '15-dropout': {
    epochs: 101,
    lines: [
      /^epoch: 0, .*loss: 1\.099 \(data_loss: 1\.099, reg_loss: 0\.000\), lr: 0\.05$/,
      /^epoch: 100, acc: 0\.[56]\d\d, loss: 0\.[89]\d\d \(data_loss: \d\.\d{3}, reg_loss: 0\.\d{3}\), lr: 0\.0\d+$/,
      validated,
    ],
  },
  '16-binary-classification': {
    epochs: 101,
    lines: [
      'epoch: 0, acc: 0.500, loss: 0.693 (data_loss: 0.693, reg_loss: 0.000), lr: 0.001',
      'epoch: 100, acc: 0.630, loss: 0.674 (data_loss: 0.673, reg_loss: 0.001), lr: 0.0009999505024501287',
      validated,
    ],
  },
  '17-regression': {
    epochs: 101,
    lines: [
      'epoch: 0, acc: 0.003, loss: 0.496 (data_loss: 0.496, reg_loss: 0.000), lr: 0.005',
      /^epoch: 100, acc: 0\.01\d, loss: 0\.0[45]\d \(data_loss: 0\.0[45]\d, reg_loss: 0\.000\), lr: 0\.004549590536851684$/,
    ],
  },
  '18-model': {
    epochs: 200,
    lines: [
      /^dense +\[\?, 512] +1,536$/,
      /^epoch: 100, .*lr: 0\.04975371909050202$/,
      /^epoch: 200, acc: 0\.\d{3}, loss: \d\.\d{3}/,
      /^validation, /,
    ],
  },
}

const withData: Record<string, Example> = {
  // All ten epochs: the figures are those of the book.
  '19-fashion-mnist': {
    lines: [
      'epoch: 1',
      /^step: 0, acc: 0\.\d{3}, loss: 2\.303 \(data_loss: 2\.303, reg_loss: 0\.000\), lr: 0\.001$/,
      /^step: 100, .* lr: 0\.0009090909090909091$/,
      /^step: 468, .* lr: 0\.000681198910081744$/,
      /^training, acc: 0\.7\d\d, /,
      'epoch: 10',
      /^step: 468, .* lr: 0\.00017577781683951485$/,
      /^training, acc: 0\.8[89]\d, /,
      /^validation, acc: 0\.8\d\d, loss: 0\.3\d\d$/,
      /^validation, acc: 0\.[89]\d\d, loss: 0\.[23]\d\d$/,
    ],
  },
  '20-save-and-load': {
    epochs: 1,
    lines: [validated, /^dense\.kernel 784×128, dense\.bias 128, /, validated, validated, validated, /: true$/],
  },
  '22-prediction': {
    epochs: 3,
    lines: [/^predicted \[9 2 1 1 [06]], labels \[9 2 1 1 6]$/, 'tshirt.png: T-shirt/top', 'pants.png: Trouser'],
  },
}

const helpers = ['by-hand', 'fashion', 'lines']

async function outputOf(name: string, epochs: number | undefined): Promise<string[]> {
  const environment = { CHAINRULE_DATA: dataFolder, ...(epochs ? { EPOCHS: String(epochs) } : {}) }
  const { code, stderr, stdout } = await runNode([join(folder, `${name}.mjs`)], root, environment)
  expect(code, stderr).toBe(0)
  return stdout.split('\n')
}

test('every script of the folder is run here', () => {
  const scripts = readdirSync(join(root, folder)).filter((file) => file.endsWith('.mjs'))
  const names = [...Object.keys(chapters), ...Object.keys(withData), ...helpers].map((name) => `${name}.mjs`)
  expect(scripts.sort()).toEqual(names.sort())
})

test.each(Object.entries(chapters))('%s', async (name, { epochs, lines }) => {
  checkLines(await outputOf(name, epochs), lines)
})

sayIfSkipped('the examples of Fashion-MNIST')
describe.skipIf(!hasFashionMnist)('with Fashion-MNIST', () => {
  test.each(Object.entries(withData))('%s', async (name, { epochs, lines }) => {
    const found = await outputOf(name, epochs)
    checkLines(found, lines)
    const scores = found
      .filter((line) => line.startsWith('validation, '))
      .map((line) => line.match(/\d\.\d{3}/g)!.map(Number))
    if (name === '20-save-and-load')
      expect(new Set(scores.map(String)).size, 'loaded parameters score the same').toBe(1)
    if (name !== '19-fashion-mnist') return
    const [accuracy, loss] = scores.at(-2)!
    expect(Math.abs(accuracy! - 0.874)).toBeLessThanOrEqual(0.003)
    expect(Math.abs(loss! - 0.355)).toBeLessThanOrEqual(0.003)
  })
})
