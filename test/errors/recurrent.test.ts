// What recurrent layers refuse, and how: by the layer's name, with what was expected, what came, and what to do.
import { expect, test } from 'vitest'
import { gru, lstm, Model, ones, simpleRnn, tensor, zeros } from '../../src/index.ts'
import { errorOf, shown } from '../support/errors.ts'

const x = ones([4, 5, 3])
const built = lstm(2, { name: 'memory' })
built.apply(x)
const stateful = gru(2, { stateful: true })
stateful.apply(x)

test.each([
  ['no sequence', () => lstm(2).apply(ones([4, 3]))],
  ['four axes', () => simpleRnn(2).apply(ones([4, 5, 3, 2]))],
  ['no steps', () => gru(2).apply(zeros([4, 0, 3]))],
  ['other features', () => built.apply(ones([4, 5, 7]))],
  ['a mask of another length', () => built.apply(x, { mask: tensor(new Int32Array(24), { shape: [4, 6] }) })],
  ['a mask of floats', () => built.apply(x, { mask: ones([4, 5]) })],
  ['a state of another shape', () => built.apply({ input: x, hidden: ones([4, 2]), carry: ones([4, 3]) })],
  ['a state without its carry', () => built.apply({ input: x, hidden: ones([4, 2]) } as never)],
  ['a state of another name', () => gru(2).apply({ input: x, state: ones([4, 2]) } as never)],
  ['a list', () => gru(2).apply([x, ones([4, 2])] as never)],
  ['another batch', () => stateful.apply(ones([3, 5, 3]))],
  ['units that are none', () => lstm(0)],
  ['a dropout of everything', () => lstm(2, { dropout: 1 })],
  ['an unknown option', () => gru(2, { return_sequences: true } as never)],
  ['an option of another layer', () => gru(2, { unitForgetBias: true } as never)],
  ['an unknown activation', () => lstm(2, { recurrentActivation: 'sigmoidal' as never })],
  ['layers in a model', () => new Model([lstm(4), lstm(4)]).predictSync(x)],
] as [string, () => unknown][])('%s', async (_, f) => {
  expect(shown(await errorOf(f))).toMatchSnapshot()
})
