// Convolutions that cannot be: the error names the layer, what came and what to do.
import { expect, test } from 'vitest'
import {
  conv1d,
  conv2d,
  conv2dTranspose,
  conv3d,
  depthwiseConv2d,
  Model,
  separableConv2d,
  type Tensor,
  zeros,
} from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const picture = zeros([2, 5, 6, 4])
const cases: [string, () => unknown][] = [
  ['no kernel size', () => conv2d(8, undefined as never)],
  ['a kernel size of 0', () => conv2d(8, 0)],
  ['a kernel size of three axes', () => conv2d(8, [3, 3, 3] as never)],
  ['a kernel of half a position', () => conv2d(8, [3, 2.5])],
  ['an endless kernel', () => conv2d(8, 2 ** 40)],
  ['no filters', () => conv2d(0, 3)],
  ['stride', () => conv2d(8, 3, { stride: 2 } as never)],
  ['a negative stride', () => conv2d(8, 3, { strides: [1, -1] })],
  ['causal pictures', () => conv2d(8, 3, { padding: 'causal' as never })],
  ['padding as a number', () => conv2d(8, 3, { padding: 1 as never })],
  ['strides and dilation', () => conv2d(8, 3, { strides: [2, 1], dilationRate: [1, 2] })],
  ['strides and dilation, separable', () => separableConv2d(8, 3, { strides: 2, dilationRate: 2 })],
  ['groups that do not divide the filters', () => conv2d(8, 3, { groups: 3 })],
  ['groups that do not divide the channels', () => conv2d(9, 3, { groups: 3, name: 'third' }).apply(picture)],
  ['groups, transposed', () => conv2dTranspose(9, 3, { groups: 3 }).apply(picture)],
  ['groups, depthwise', () => depthwiseConv2d(3, { groups: 2 } as never)],
  ['a kernel larger than the input', () => conv2d(8, [3, 7], { name: 'wide' }).apply(picture)],
  ['a kernel that reaches too far', () => conv2d(8, 3, { dilationRate: 3 }).apply(picture)],
  ['pictures without channels', () => conv2d(8, 3).apply(zeros([2, 5, 6]))],
  ['pictures as rows', () => conv2d(8, 3).apply(zeros([2, 30]))],
  ['pictures as series', () => conv1d(8, 3).apply(picture)],
  ['pictures as volumes', () => conv3d(8, 3).apply(picture)],
  ['other channels than before', () => twice(conv2d(8, 3))],
  ['other channels than before, depthwise', () => twice(depthwiseConv2d(3))],
  ['other channels than before, transposed', () => twice(conv2dTranspose(8, 3))],
  ['in a model', () => new Model([conv2d(8, 3), conv2d(8, 3), conv2d(8, 3)]).build([5, 6, 4])],
]

function twice(layer: { apply(x: Tensor): unknown }): void {
  layer.apply(picture)
  layer.apply(zeros([2, 5, 6, 3]))
}

test.each(cases)('%s', async (_, call) => {
  expect(shown(await errorOf(call))).toMatchSnapshot()
})
