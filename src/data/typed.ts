/** The class of data sets under a type in which the names of x and y follow from what it is made of. */
import type { Tree } from '../gradient.ts'
import type { Tensor } from '../tensor/graph.ts'
import type { CsvDatasetOptions } from './csv.ts'
import { Dataset as Class } from './dataset.ts'
import type { DatasetOptions } from './options.ts'
import type { DataOf, Feeds, TensorsOf } from './types.ts'
import type { ArrayData } from './values.ts'

/** How a data set is made, with the names of x and y in its type. */
export interface DatasetConstructor {
  new <X extends Feeds, Y extends Feeds = ArrayData>(
    data: DataOf<X, Y>,
    options?: DatasetOptions,
  ): Dataset<TensorsOf<X>, TensorsOf<Y>>
  readonly prototype: Dataset
  fromCsv(path: string | URL, options: CsvDatasetOptions): Promise<Dataset>
}

export type Dataset<X extends Tree = Tensor, Y extends Tree = Tensor> = Class<X, Y>
export const Dataset = Class as DatasetConstructor
