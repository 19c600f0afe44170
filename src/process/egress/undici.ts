// A module of its own with a static import: a bundler gives a dynamically imported CommonJS package no named exports.
export { Agent, ProxyAgent, request } from 'undici';
