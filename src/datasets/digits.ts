import { digitsFile } from '../assets.ts'
import { readCsv } from '../data/csv.ts'
import { Dataset } from '../data/dataset.ts'

/**
 * 1,797 handwritten digits, 8×8 pixels from 0 to 1, labels 0 to 9 (int32), split 80/20 at random with a fixed seed.
 * From the test set of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998), CC BY 4.0.
 */
export async function digits(): Promise<{ train: Dataset; test: Dataset }> {
  const [{ x, y }, options] = await readCsv(digitsFile, { target: -1, scale: 1 / 16 })
  const [train, test] = new Dataset({ x, y: Int32Array.from(y.data) }, options).split(0.8, { seed: 0 })
  return { train, test }
}
