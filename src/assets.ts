/** Files that come with the package. They lie one folder above this one, as above the bundle that it becomes part of. */
export const digitsFile = new URL('../data/digits.csv.gz', import.meta.url)
