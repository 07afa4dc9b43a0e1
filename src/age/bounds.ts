/**
 * Bounds on what is parsed before anything is authenticated (promise P27): age itself has none, and a reader that tries
 * every one of thousands of stanzas can be kept busy for seconds.
 */
export const mostStanzas = 8;
/** The whole header, its authentication code included. */
export const longestHeader = 16 * 1024;
