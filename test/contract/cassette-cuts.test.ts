import { cassetteCutBehaviours } from '../../src/testing/contract/behaviours/cassette-cuts.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('cassettes that are cut', cassetteCutBehaviours);
