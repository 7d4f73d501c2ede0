/** What errors of a training step say. */
import { ChainruleError } from '../errors.ts'

/** The error with another message. */
export function restated({ code, operation, layer }: ChainruleError, message: string): ChainruleError {
  return new ChainruleError(code, message, { ...(operation ? { operation } : {}), ...(layer ? { layer } : {}) })
}

/**
 * A loss or gradients that are not finite, and where the first such number arose.
 * @param what is not finite, as a sentence
 * @param origin found in debug mode, or by running the step again in it
 */
export function notFinite(what: string, origin: ChainruleError, step: string): ChainruleError {
  return restated(
    origin,
    `${what} (${step}); the weights are as after the step before. ${origin.message}. ` +
      'Try a smaller learning rate, or scale the inputs.',
  )
}
