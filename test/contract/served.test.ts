import { servedBehaviours } from '../../src/testing/contract/behaviours/served.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('a server', servedBehaviours);
