import { number, optional } from '../options.ts'

export interface DatasetOptions {
  /** x is read as stored·scale + shift: bytes can stay bytes. Default 1 and 0. */
  scale?: number
  shift?: number
}

export const datasetTable = { scale: optional(number({}), 1), shift: optional(number({}), 0) }
