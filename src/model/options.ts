/** Options of a model itself. */
import { ChainruleError } from '../errors.ts'
import { nameOption } from '../layers/options.ts'
import { nonNegativeInteger, optional } from '../options.ts'

export interface ModelOptions {
  /** Governs first weights, dropout and shuffling. Without one: other numbers each time. */
  seed?: number
  name?: string
}

export const modelTable = { seed: optional(nonNegativeInteger), name: optional(nameOption) }

/** A class that extends Model is saved as the Model that it is: nothing of it may be its own. */
export function refuseOwnMethods(
  own: { readonly prototype: object; readonly name: string },
  base: { prototype: object },
) {
  for (let p = own.prototype; p !== base.prototype; p = Object.getPrototypeOf(p))
    for (const key of Reflect.ownKeys(p))
      if (key !== 'constructor' && key in base.prototype)
        throw new ChainruleError(
          'ERR_OPTION',
          `save: the class '${own.name}' extends Model and has a ${String(key)} of its own, which would be lost. Extend ` +
            'Layer instead, with a static type, and put that layer into a Model.',
        )
}
