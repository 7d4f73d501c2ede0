/** Forms of operations that are tested against their references. */
type Shape = readonly number[]
export interface Input {
  readonly shape: Shape
  readonly dtype: 'float32' | 'int32' | 'float64'
  readonly values: readonly number[]
}

export interface Form {
  readonly title: string
  readonly attributes: unknown
  readonly inputs: readonly Input[]
  /** Some input is no finite number, which debug mode refuses. */
  readonly wild: boolean
}

export function form(title: string, attributes: unknown, inputs: readonly Input[]): Form {
  const wild = inputs.some(({ values }) => values.some((x) => !Number.isFinite(x)))
  return { title: `${title} ${inputs.map(({ shape }) => `[${shape}]`).join(' ')}`, attributes, inputs, wild }
}
