/** The boundary itself: memory that is given back before its handle is collected. */
import { describe, expect, test } from 'vitest'
import { native } from '../src/native.ts'
import { encode } from '../src/program/encode.ts'
import { Segment } from '../src/tensor/segment.ts'

const released = 'This native memory was released and cannot be used any more'

/** A program that writes 7 into each of `size` numbers of a memory, and a run of it. */
function fill(size: number, steps: number) {
  const scratch = new Segment('scratch')
  const segment = new Segment('result')
  const operand = { segment, offset: 0, dtype: 'float32', shape: [size] } as const
  const line = { kernel: 'fill', operands: [operand], attributes: [7], node: null, position: 0 }
  const { handle } = encode([line], 1, scratch, false)
  const memory = native().memory(4 * size)
  const numbers = Float64Array.of(steps, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  return { memory, run: [handle, [native().memory(0), memory], numbers] as const }
}

describe('a memory that is released', () => {
  test('is free at once', () => {
    const bytes = 32e6
    const before = native().memoryAlive()
    const from = new Uint8Array(bytes).fill(1)
    const { rss } = process.memoryUsage()
    for (let i = 0; i < 100; i++) {
      const memory = native().memory(bytes)
      native().write(memory, 0, from)
      expect(native().memoryAlive() - before).toBe(bytes)
      native().release(memory)
    }
    expect(native().memoryAlive()).toBe(before)
    expect(process.memoryUsage().rss - rss).toBeLessThan(3 * bytes)
  })

  test('is refused by name', () => {
    const { memory, run } = fill(4, 1)
    native().release(memory)
    expect(() => native().read(memory, 0, new Float32Array(1))).toThrow(released)
    expect(() => native().write(memory, 0, new Float32Array(1))).toThrow(released)
    expect(() => native().run(run, 0)).toThrow(released)
    expect(() => native().start([run], 1, true)).toThrow(released)
  })

  test('can be released again, which changes nothing', () => {
    const before = native().memoryAlive()
    const memory = native().memory(1000)
    native().release(memory)
    native().release(memory)
    expect(native().memoryAlive()).toBe(before)
  })

  test('stays with the jobs that were started with it', async () => {
    const size = 1e6
    const before = native().memoryAlive()
    const jobs = Array.from({ length: 4 }, () => {
      const { memory, run } = fill(size, 200)
      const job = native().start([run], 1, false)
      native().release(memory)
      return job
    })
    expect(native().memoryAlive() - before).toBe(4 * 4 * size)
    expect(await Promise.all(jobs.map(({ done }) => done))).toEqual([200, 200, 200, 200])
    expect(native().memoryAlive()).toBe(before)
  })

  test('what is no memory is refused', () => {
    expect(() => native().release({} as never)).toThrow('Expected a native memory')
  })
})
