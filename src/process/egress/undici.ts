// A module of its own with a static import: a bundler gives a dynamically imported CommonJS package no named exports.
export { Agent, fetch, ProxyAgent, request } from 'undici';
