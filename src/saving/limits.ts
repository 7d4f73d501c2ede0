/** Bounds of what is written and read, the same on both sides: what is saved can be loaded, and a file cannot ask for more. */

/** Levels of options in options. */
export const deepest = 500
/** Layers, each counted as often as it is applied: shared ones can be nested to any number. */
export const mostLayers = 100_000
