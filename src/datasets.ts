/** Data sets: `chainrule/datasets`. */
// What makes tensors compute, and gives them their methods: this module may be the only one that is imported.
import './program/evaluate.ts'
import './tensor/methods.ts'

export { type Drawn, type Samples, sine, spiral, vertical } from './datasets/book.ts'
export { digits } from './datasets/digits.ts'
export { type FashionMnistOptions, fashionMnist } from './datasets/fashion-mnist.ts'
export { type PictureFolderOptions, pictureFolder } from './datasets/picture-folder.ts'
export { type IdxArray, type IdxData, readIdx } from './files/idx.ts'
