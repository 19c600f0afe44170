import { hookMomentBehaviours } from '../../src/testing/contract/behaviours/hook-moments.ts';
import { hookRestartBehaviours } from '../../src/testing/contract/behaviours/hook-restarts.ts';
import { hookTurnBehaviours } from '../../src/testing/contract/behaviours/hook-turns.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('hook moments', hookMomentBehaviours);
contractSuite('hook turns', hookTurnBehaviours);
contractSuite('hook restarts', hookRestartBehaviours);
