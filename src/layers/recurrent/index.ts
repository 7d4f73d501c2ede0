/** Layers over time. */
import { Gru, gru } from './gru.ts'
import { Lstm, lstm } from './lstm.ts'
import { SimpleRnn, simpleRnn } from './simple-rnn.ts'

export type { GruOptions } from './gru.ts'
export type { LstmOptions } from './lstm.ts'
export type { GatedOptions, RecurrentOptions } from './recurrent.ts'
export type { SequenceOptions } from './sequence-layer.ts'
export type { Recurred, Sequence } from './sequences.ts'
export { gru, lstm, simpleRnn }

export const recurrent = [Gru, Lstm, SimpleRnn]
