/** `yonder-agents/testing`: what Yonder and others test with. The suites register their tests with vitest. */
export { ARMS, type ArmName } from './contract/arms.ts';
export { contractSuite } from './contract/suite.ts';
export type { Behaviours, Stage } from './contract/support.ts';
export { overHandler } from './contract/over-handler.ts';
export { openWorld, type World, type WorldOptions } from './contract/world.ts';
export { checkExchange, type GotResponse, type SentRequest } from './sniffer/exchange.ts';
export { sniffedFetch } from './sniffer/sniffed-fetch.ts';
export { SseJudge } from './sniffer/sse-judge.ts';
export { startCuttingProxy, type CuttingProxy, type Fate } from './cutting-proxy.ts';
export { runnerConformance, type ConformanceSubject } from './runner-conformance.ts';
export { startModelServer, type ModelServer } from './model-server/server.ts';
export { scriptCassette, type ScriptCassetteOptions } from './model-server/script-cassette.ts';
export type { ScriptedCall, ScriptedTurn } from './model-server/script.ts';
