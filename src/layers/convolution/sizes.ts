/** Strides, rates and groups that do not go together. */
import { ChainruleError } from '../../errors.ts'

export function refuseGaps(where: string, strides: readonly number[], dilation: readonly number[]): void {
  if (strides.every((s) => s === 1) || dilation.every((d) => d === 1)) return
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: strides [${strides.join(', ')}] and dilationRate [${dilation.join(', ')}] are both above 1, which has no ` +
      'agreed meaning at the edges. Leave one of them at 1.',
  )
}

export function refuseGroups(where: string, filters: number, groups: number): void {
  if (filters % groups === 0) return
  throw new ChainruleError(
    'ERR_OPTION',
    `${where}: ${groups} groups do not divide ${filters} filters. Take a number of filters that is a multiple of groups.`,
  )
}
