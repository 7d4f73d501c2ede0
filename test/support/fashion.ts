/** Where the large data are, Fashion-MNIST and Shakespeare: in CHAINRULE_DATA, or beside the project in ../shared/data. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const shared = fileURLToPath(new URL('../../../shared/data', import.meta.url))
const file = 'train-images-idx3-ubyte.gz'

export const dataFolder = process.env.CHAINRULE_DATA || shared
export const hasFashionMnist = [dataFolder, join(dataFolder, 'fashion-mnist')].some((f) => existsSync(join(f, file)))
const shakespeare = 'tinyshakespeare.txt.gz'
export const hasShakespeare = existsSync(join(dataFolder, shakespeare))

export function sayIfSkippedShakespeare(what: string): void {
  if (!hasShakespeare)
    console.warn(`Skipped: ${what}. No ${shakespeare} in ${dataFolder}; name its folder by CHAINRULE_DATA`)
}

export function sayIfSkipped(what: string): void {
  if (hasFashionMnist) return
  console.warn(`Skipped: ${what}. No ${file} in ${dataFolder} or its folder fashion-mnist; name it by CHAINRULE_DATA`)
}
