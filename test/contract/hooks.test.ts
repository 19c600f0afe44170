import { hookCallBehaviours } from '../../src/testing/contract/behaviours/hook-calls.ts';
import { hookChainBehaviours } from '../../src/testing/contract/behaviours/hook-chain.ts';
import { hookLifeBehaviours } from '../../src/testing/contract/behaviours/hook-life.ts';
import { hookBehaviours } from '../../src/testing/contract/behaviours/hooks.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('hooks', {
  ...hookBehaviours,
  ...hookCallBehaviours,
  ...hookChainBehaviours,
  ...hookLifeBehaviours,
});
