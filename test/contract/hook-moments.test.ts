import { hookMomentBehaviours } from '../../src/testing/contract/behaviours/hook-moments.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('hook moments', hookMomentBehaviours);
