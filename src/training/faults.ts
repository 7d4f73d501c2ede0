/** What errors of a training step say. */
import { ChainruleError } from '../errors.ts'

/** The error with another message. */
export function restated({ code, operation, layer }: ChainruleError, message: string): ChainruleError {
  return new ChainruleError(code, message, { ...(operation ? { operation } : {}), ...(layer ? { layer } : {}) })
}

/** A loss or gradients that are not finite, and where the first such number arose when the step was run again. */
export function notFinite(found: ChainruleError, origin: ChainruleError, step: string): ChainruleError {
  return restated(
    origin,
    `${found.message} (${step}); the weights are as after the step before. ${origin.message}. ` +
      'Try a smaller learning rate, or scale the inputs.',
  )
}
