/** The same as in package.json (a test compares them); a constant, so that `yonder version` reads no file. */
export const VERSION = '0.1.0';
