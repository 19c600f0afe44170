// A module of its own with a static import: a bundler gives a dynamically imported CommonJS package no named exports.
import parser from 'robots-parser';

/** Its types describe an ES module, and it is a CommonJS one. */
export const robotsParser = parser as unknown as typeof parser.default;
