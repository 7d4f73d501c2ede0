/**
 * What kind of mistake an error reports:
 * `ERR_SHAPE` shapes that do not fit, `ERR_OPTION` a wrong or unknown option, `ERR_DATA` data that cannot be used,
 * `ERR_NOT_FED` a value read whose input was never given, `ERR_NOT_FINITE` NaN or Infinity in a computation,
 * `ERR_BUSY` something that must wait for training, `ERR_FILE` reading or writing files, `ERR_NATIVE` the addon, or memory that is not there.
 */
export type ErrorCode =
  | 'ERR_SHAPE'
  | 'ERR_OPTION'
  | 'ERR_DATA'
  | 'ERR_NOT_FED'
  | 'ERR_NOT_FINITE'
  | 'ERR_BUSY'
  | 'ERR_FILE'
  | 'ERR_NATIVE'

/** Where an error arose, and what caused it. */
export interface ErrorDetails {
  readonly layer?: string | undefined
  readonly operation?: string | undefined
  readonly cause?: unknown
}

/** Every error that chainrule throws on purpose. Tell them apart by `code`, never by the message. */
export class ChainruleError extends Error {
  readonly code: ErrorCode
  // `declare`: a plain field would show as `layer: undefined` whenever an error without one is printed.
  /** Path of the layer at fault, e.g. `encoder.attention`; absent if no layer was involved. */
  declare readonly layer?: string
  /** Name of the operation at fault, e.g. `matmul`; absent if no operation was involved. */
  declare readonly operation?: string

  // On the prototype, so that the name is in the stack but is not printed as a property of each error.
  static {
    const name = { value: 'ChainruleError', configurable: true, writable: true }
    Object.defineProperty(ChainruleError.prototype, 'name', name)
  }

  constructor(code: ErrorCode, message: string, extra: ErrorDetails = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.code = code
    if (extra.layer !== undefined) this.layer = extra.layer
    if (extra.operation !== undefined) this.operation = extra.operation
  }
}
