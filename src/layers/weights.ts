/** Options that layers with weights share, and the code that applies them. */
import { type Activation, activationOption } from '../activations.ts'
import { type Constraint, constraintOption } from '../constraints.ts'
import { type Initializer, type InitializerName, initializerOf } from '../initializers.ts'
import { boolean, type Check, optional, type Subject } from '../options.ts'
import { type Parameter, parameter } from '../parameters/parameter.ts'
import { type Regularizer, regularizerOption } from '../regularizers.ts'
import type { Shape } from '../tensor/shape.ts'
import { type LayerOptions, layerTable } from './options.ts'

/** Those of layers that multiply by a kernel, add a bias and apply an activation. */
export interface KernelOptions extends LayerOptions {
  /** Applied to the result; default 'linear'. */
  activation?: Activation
  /** Whether a bias is added; default true. */
  useBias?: boolean
  /** First values; default 'glorotUniform'. */
  kernelInitializer?: InitializerName | Initializer
  /** First values; default 'zeros'. */
  biasInitializer?: InitializerName | Initializer
  kernelRegularizer?: Regularizer
  biasRegularizer?: Regularizer
  /** Holds after each update, such as `constraints.maxNorm()`. */
  kernelConstraint?: Constraint
  biasConstraint?: Constraint
}

/** Of one weight, by its name: `kernelInitializer`, `kernelRegularizer`, `kernelConstraint`. */
export type WeightTable<Name extends string> = {
  readonly [K in `${Name}Initializer`]: Check<Initializer | undefined>
} & {
  readonly [K in `${Name}Regularizer`]: Check<Regularizer | undefined>
} & { readonly [K in `${Name}Constraint`]: Check<Constraint | undefined> }

/** What the options of one weight may be. */
export function weightTable<const Name extends string>(name: Name): WeightTable<Name> {
  return {
    [`${name}Initializer`]: optional((value: unknown, subject: Subject) =>
      initializerOf(value, subject.where, subject.name),
    ),
    [`${name}Regularizer`]: optional(regularizerOption),
    [`${name}Constraint`]: optional(constraintOption),
  } as unknown as WeightTable<Name>
}

export const kernelTable = {
  activation: optional(activationOption, 'linear'),
  useBias: optional(boolean, true),
  ...weightTable('kernel'),
  ...weightTable('bias'),
  ...layerTable,
}

/** A weight with the options that it was given under its name. */
export function makeWeight(
  name: string,
  checked: object,
  shape: Shape,
  initializer: InitializerName | Initializer,
): Parameter {
  const own = (what: string) => (checked as Readonly<Record<string, unknown>>)[`${name}${what}`]
  const constraint = own('Constraint') as Constraint | undefined
  return parameter(
    shape,
    (own('Initializer') as Initializer | undefined) ?? initializer,
    constraint ? { constraint } : {},
  )
}

/** The penalties of weights, by the names that their options have. What a layer goes without is null. */
export function penaltiesOf(
  checked: object,
  weights: Readonly<Record<string, Parameter | null>>,
): readonly (readonly [Parameter, Regularizer])[] {
  return Object.entries(weights).flatMap(([name, weight]) => {
    const regularizer = (checked as Readonly<Record<string, unknown>>)[`${name}Regularizer`]
    return weight && regularizer ? [[weight, regularizer as Regularizer] as const] : []
  })
}
