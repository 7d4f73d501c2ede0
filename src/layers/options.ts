import { optionError, type Subject } from '../options.ts'

/** A layer's name: it becomes a part of paths, so it has no dots. */
export function nameOption(value: unknown, subject: Subject): string {
  if (typeof value === 'string' && /^[^.\s]+$/.test(value)) return value
  throw optionError(subject, 'a name without dots and spaces', value, "Give a string such as 'hidden'.")
}
