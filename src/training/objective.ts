/** What is optimised and measured: for each output a loss, its weight, and metrics. */

import { isDescribed } from '../descriptions/description.ts'
import { ChainruleError } from '../errors.ts'
import { type AnyLoss, type LossFunction, type LossTraits, lossOf, traitsOf } from '../losses/index.ts'
import { type AnyMetric, type Metric, metricOf, type Scorer, scorersOf } from '../metrics/index.ts'
import { mapNamed, type Named, named } from '../named.ts'
import { add, mul } from '../ops/elementwise.ts'
import { describeValue, listOf, number, suggest } from '../options.ts'
import { inPart } from '../tensor/describing.ts'
import type { Tensor } from '../tensor/graph.ts'
import { averaged, countedIn, pairOf } from './averages.ts'
import type { StepInputs } from './feeds.ts'
import type { Numbers } from './rows.ts'

export interface Objective {
  /** '' where the model has one. */
  readonly output: string
  readonly loss: LossFunction
  /** Of this output in the sum of losses. */
  readonly weight: number
  readonly metrics: readonly Scorer[]
}

/** What is known of the losses, by output. */
export function lossTraits(loss: unknown): Named<LossTraits> {
  return loss === undefined ? new Map() : mapNamed(lossesIn(loss), (given) => traitsOf(lossOf(given)))
}

/** Losses by output; one alone has the name ''. */
function lossesIn(loss: unknown): Named<AnyLoss> {
  return named(loss as AnyLoss, (given) => typeof given !== 'object' || given === null || isDescribed(given, 'loss'))
}

/** What `compile` was given, checked, in the form in which it was given. */
export interface Compiled {
  readonly objectives: readonly Objective[]
  readonly metrics: readonly Metric[] | { readonly [output: string]: readonly Metric[] }
}

/** A loss and metrics, or objects of them by output. */
export function compileObjectives(loss: unknown, metrics: unknown = undefined, weights: unknown = undefined): Compiled {
  const losses = lossesIn(loss)
  if (losses.has('')) {
    if (weights !== undefined) throw refuse("option 'lossWeights' is for several outputs. Give a loss for each by name")
    const list = metricsOf(metrics ?? [])
    const own = lossOf(loss as AnyLoss)
    return { objectives: [{ output: '', loss: own, weight: 1, metrics: scorersOf(list, own) }], metrics: list }
  }
  if (losses.size === 0) throw refuse("option 'loss' is an empty object. Give a loss for each output by name")
  const names = [...losses.keys()]
  const lists = byOutput('metrics', metrics, names)
  const own = byOutput('lossWeights', weights, names)
  const all = new Map([...lists].map(([name, list]) => [name, metricsOf(list)]))
  const objectives = [...losses].map(([output, given]): Objective => {
    const one = lossOf(given)
    const weight = number({ min: 0 })(own.get(output) ?? 1, { where: 'compile', name: `lossWeights.${output}` })
    return { output, loss: one, weight, metrics: scorersOf(all.get(output) ?? [], one) }
  })
  return { objectives, metrics: Object.fromEntries(all) }
}

function metricsOf(given: unknown): Metric[] {
  return listOf(given, { where: 'compile', name: 'metrics' }, "['accuracy']").map((m) => metricOf(m as AnyMetric))
}

function byOutput(option: string, given: unknown, names: readonly string[]): Named<unknown> {
  if (given === undefined) return new Map()
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refuse(`option '${option}' must be an object by output, as 'loss' is, got ${describeValue(given)}`)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const closest = suggest(name, names)
    throw refuse(
      `option '${option}': 'loss' has no '${name}'.${closest ? ` Did you mean '${closest}'?` : ''} It has`,
      names,
    )
  }
  return new Map(Object.entries(given))
}

function refuse(what: string, names: readonly string[] = []): ChainruleError {
  return new ChainruleError('ERR_OPTION', `compile: ${what}${names.length > 0 ? ` ${names.join(', ')}` : ''}.`)
}

/** The name of a score: that of the metric, with the output in front where there are several. */
export function scoreName(output: string, metric: string): string {
  return output === '' ? metric : `${output}${metric[0]!.toUpperCase()}${metric.slice(1)}`
}

/** The names of the numbers of `describeScores`. */
export function scoreNames(objectives: readonly Objective[]): string[] {
  const parts = objectives.flatMap(({ output }) => (output === '' ? [] : [scoreName(output, 'loss')]))
  const metrics = objectives.flatMap(({ output, metrics }) => metrics.map((m) => scoreName(output, m.name)))
  return ['loss', ...parts, ...metrics]
}

/** The loss of a batch, and all numbers that are reported of it. */
export function describeScores(
  objectives: readonly Objective[],
  batch: StepInputs,
  outputs: Named<Tensor>,
  constants: ReadonlyMap<string, number>,
): { loss: Tensor; numbers: Numbers } {
  refuseOtherOutputs(objectives, batch, outputs)
  const parts = objectives.map((objective) => inPart('loss', () => lossOfOutput(objective, batch, outputs)))
  const weighted = parts.map((part, i) => (objectives[i]!.weight === 1 ? part : mul(part, objectives[i]!.weight)))
  const loss = inPart('loss', () => weighted.reduce((a, b) => add(a, b)))
  const counts = new Map<string, Tensor>()
  const metrics = objectives.flatMap(({ output, metrics }) => {
    const counted = metrics.length > 0 ? inPart('metrics', () => countedIn(outputs.get(output)!)) : null
    return metrics.map((scorer) => {
      const name = scoreName(output, scorer.name)
      if (counted) counts.set(name, counted)
      return inPart(name, () => scoreOfOutput(scorer, output, batch, outputs, constants.get(name) ?? 0))
    })
  })
  return { loss, numbers: { values: [...(objectives[0]!.output === '' ? [] : parts), ...metrics], counts } }
}

function lossOfOutput({ output, loss }: Objective, batch: StepInputs, outputs: Named<Tensor>): Tensor {
  const p = outputs.get(output)!
  const y = batch.y(output, (labels) => traitsOf(loss).targets(labels, p.shape.slice(1)))
  const pair = pairOf('loss', y, p)
  return averaged('loss', loss(pair.y, pair.p), pair, batch.weight(output))
}

function scoreOfOutput(scorer: Scorer, output: string, batch: StepInputs, outputs: Named<Tensor>, constant: number) {
  const p = outputs.get(output)!
  const y = batch.y(output, (labels) => scorer.targets(labels, p.shape.slice(1)))
  const pair = pairOf(scorer.name, y, p)
  return averaged(scorer.name, scorer.compute(pair.y, pair.p, constant), pair, null)
}

const list = (names: Iterable<string>) => [...names].join(', ')

function hasSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name))
}

/** @throws ERR_OPTION where there are losses for other outputs than these */
export function refuseOtherLosses(objectives: readonly Objective[], outputs: readonly string[]): void {
  const wanted = objectives.map(({ output }) => output)
  if (hasSame(outputs, wanted)) return
  throw new ChainruleError(
    'ERR_OPTION',
    outputs[0] === ''
      ? `compile: the model has one output, but there are losses for ${list(wanted)}. Give one loss.`
      : `compile: the model has the outputs ${list(outputs)}; give a loss for each of them, ` +
          `loss: { ${list(outputs.map((name) => `${name}: ...`))} }, got ${wanted[0] === '' ? 'one loss' : `losses for ${list(wanted)}`}.`,
  )
}

function refuseOtherOutputs(objectives: readonly Objective[], batch: StepInputs, outputs: Named<Tensor>): void {
  const wanted = objectives.map(({ output }) => output)
  refuseOtherLosses(objectives, [...outputs.keys()])
  if (!batch.outputs) throw new ChainruleError('ERR_DATA', 'the data set has no labels: give { x, y }')
  if (!hasSame(batch.outputs, wanted))
    throw new ChainruleError(
      'ERR_DATA',
      wanted[0] === ''
        ? `the model has one output, but y has names: ${list(batch.outputs)}. Give one array.`
        : `the model has the outputs ${list(wanted)}; give y as { ${list(wanted)} }, got ` +
            `${batch.outputs[0] === '' ? 'one array' : list(batch.outputs)}.`,
    )
}
