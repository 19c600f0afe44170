import { fetchBehaviours } from '../../src/testing/contract/behaviours/fetch.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('fetch', fetchBehaviours);
