import { hookBehaviours } from '../../src/testing/contract/behaviours/hooks.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('hooks', hookBehaviours);
