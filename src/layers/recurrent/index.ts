/** Layers over time. */
import { Bidirectional, bidirectional } from './bidirectional.ts'
import { Gru, gru } from './gru.ts'
import { Lstm, lstm } from './lstm.ts'
import { Rnn, rnn } from './rnn.ts'
import { SimpleRnn, simpleRnn } from './simple-rnn.ts'
import { TimeDistributed, timeDistributed } from './time-distributed.ts'

export type { BidirectionalOptions } from './bidirectional.ts'
export { Cell } from './cell.ts'
export type { GruOptions } from './gru.ts'
export type { LstmOptions } from './lstm.ts'
export type { GatedOptions, RecurrentOptions } from './recurrent.ts'
export type { SequenceOptions } from './sequence-layer.ts'
export type { Recurred, Sequence } from './sequences.ts'
export { bidirectional, gru, lstm, rnn, simpleRnn, timeDistributed }

export const recurrent = [Bidirectional, Gru, Lstm, Rnn, SimpleRnn, TimeDistributed]
