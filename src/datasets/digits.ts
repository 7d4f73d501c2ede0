import { digitsFile } from '../assets.ts'
import { Dataset } from '../data/dataset.ts'

/**
 * 1,797 handwritten digits, 8×8 pixels from 0 to 1, labels 0 to 9, split 80/20 at random with a fixed seed.
 * From the test set of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998), CC BY 4.0.
 */
export async function digits(): Promise<{ train: Dataset; test: Dataset }> {
  const [train, test] = (await Dataset.fromCsv(digitsFile, { target: -1, scale: 1 / 16 })).split(0.8, { seed: 0 })
  return { train, test }
}
