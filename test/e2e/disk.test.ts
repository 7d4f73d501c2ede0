import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { dense, Model } from '../../src/index.ts'

const script = fileURLToPath(new URL('./disk/save.mjs', import.meta.url))

// A full disk itself needs a mount: test/files/atomic.test.ts has that, where the user may mount.
test('a model that cannot be written leaves the old file as it was, and is usable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chainrule-disk-'))
  try {
    const path = join(folder, 'model.safetensors')
    const old = new Model([dense(2)], { seed: 1 })
    old.build([3])
    await old.save(path)
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 64; exec "$0" "$1" "$2"', process.execPath, script, path],
      {
        encoding: 'utf8',
      },
    )
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, '1,300'])
    expect(stdout).toContain(`ERR_FILE cannot write ${path}:`)
    expect(stdout).toContain('the old file is unchanged')
    expect(readdirSync(folder)).toEqual(['model.safetensors'])
    const loaded = await Model.load(path)
    expect(loaded.predictSync([[1, 2, 3]]).data()).toEqual(old.predictSync([[1, 2, 3]]).data())
  } finally {
    rmSync(folder, { recursive: true })
  }
})
