/** A model's parameters by path. */
import { ChainruleError } from '../errors.ts'
import { decodeSafetensors, encodeSafetensors } from '../files/safetensors.ts'
import type { AnyLayer } from '../layers/layer.ts'
import { suggest } from '../options.ts'
import type { Parameter } from '../parameters/parameter.ts'
import { refuseUsed } from '../program/claims.ts'
import { type TensorLike, tensor } from '../tensor/create.ts'
import { hooks, type Tensor } from '../tensor/graph.ts'
import { constant } from '../tensor/leaves.ts'
import { formatShape, sameShape } from '../tensor/shape.ts'

function builtParameters(model: AnyLayer, where: string): Map<string, Parameter> {
  const parameters = model.parameters()
  if (parameters.size === 0)
    throw new ChainruleError('ERR_DATA', `${where}: the model has no weights yet. Train it, or call build(inputShape).`)
  return parameters
}

export function getParameters(model: AnyLayer): Record<string, Tensor> {
  const parameters = builtParameters(model, 'getParameters')
  return Object.fromEntries([...parameters].map(([path, p]) => [path, constant(hooks.read(p), p.shape)]))
}

export function setParameters(model: AnyLayer, values: Readonly<Record<string, TensorLike>>): void {
  const parameters = builtParameters(model, 'setParameters')
  const checked = Object.entries(values).map(([path, given]): [Parameter, Tensor] => {
    const p = parameters.get(path)
    if (!p) {
      const closest = suggest(path, [...parameters.keys()])
      const hint = closest ? ` Did you mean '${closest}'?` : ''
      throw new ChainruleError(
        'ERR_OPTION',
        `setParameters: there is no parameter '${path}'.${hint} Known: ${[...parameters.keys()].join(', ')}`,
      )
    }
    const value = tensor(given)
    if (!sameShape(value.shape, p.shape))
      throw new ChainruleError(
        'ERR_SHAPE',
        `setParameters: '${path}' has shape ${formatShape(p.shape)}, got ${formatShape(value.shape)}`,
      )
    return [p, value]
  })
  refuseUsed(
    'setParameters',
    checked.map(([p]) => p.place!.segment),
  )
  for (const [p, value] of checked) p.set(value)
}

export function parametersToBytes(model: AnyLayer): Uint8Array {
  const parameters = builtParameters(model, 'saveParameters')
  const tensors = [...parameters].map(
    ([path, p]) => [path, { dtype: 'F32' as const, shape: [...p.shape], data: hooks.read(p) as Float32Array }] as const,
  )
  return encodeSafetensors(new Map(tensors), {})
}

/** The parameters that a file holds for this model. */
export function parametersFrom(model: AnyLayer, bytes: Uint8Array, file: string): Record<string, Tensor> {
  const { tensors } = decodeSafetensors(bytes, file)
  const found = [...builtParameters(model, 'loadParameters').keys()].map((path) => {
    const stored = tensors.get(path)
    if (!stored) throw new ChainruleError('ERR_FILE', `${file}: the tensor '${path}' is missing`)
    return [path, constant(Float32Array.from(stored.data as Float32Array), stored.shape)]
  })
  return Object.fromEntries(found)
}
