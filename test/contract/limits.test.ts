import { contractSuite } from '../../src/testing/contract/suite.ts';
import { agentBehaviours } from '../../src/testing/contract/behaviours/agents.ts';
import { handoffBehaviours } from '../../src/testing/contract/behaviours/handoffs.ts';
import { limitBehaviours } from '../../src/testing/contract/behaviours/limits.ts';
import { whileCompactingBehaviours } from '../../src/testing/contract/behaviours/while-compacting.ts';

contractSuite('limits and compaction', limitBehaviours);
contractSuite('agents and their state', agentBehaviours);
contractSuite('inputs while a session is compacted', whileCompactingBehaviours);
contractSuite('handoff', handoffBehaviours);
