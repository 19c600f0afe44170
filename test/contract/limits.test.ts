import { contractSuite } from '../../src/testing/contract/suite.ts';
import { agentBehaviours } from '../../src/testing/contract/behaviours/agents.ts';
import { handoffBehaviours } from '../../src/testing/contract/behaviours/handoffs.ts';
import { limitBehaviours } from '../../src/testing/contract/behaviours/limits.ts';

contractSuite('limits and compaction', limitBehaviours);
contractSuite('agents and their state', agentBehaviours);
contractSuite('handoff', handoffBehaviours);
