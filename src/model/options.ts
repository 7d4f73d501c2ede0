/** Options of a model itself. */
export interface ModelOptions {
  /** Governs first weights, dropout and shuffling. Without one: other numbers each time. */
  seed?: number
  name?: string
}
