import { boolean, optional, optionError, type Subject } from '../options.ts'

/** A layer's name: it becomes a part of paths, so it has no dots. */
export function nameOption(value: unknown, subject: Subject): string {
  if (typeof value === 'string' && /^[^.\s]+$/.test(value)) return value
  throw optionError(subject, 'a name without dots and spaces', value, "Give a string such as 'hidden'.")
}

/** Options that every layer has. */
export interface LayerOptions {
  /** Its name in paths such as `hidden.kernel`; a model names layers that have none. */
  name?: string
  /** When false, training leaves its parameters as they are; default true. */
  trainable?: boolean
}

export const layerTable = { name: optional(nameOption), trainable: optional(boolean) }
