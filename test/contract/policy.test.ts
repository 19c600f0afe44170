import { policyPlaceBehaviours } from '../../src/testing/contract/behaviours/policy-places.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('policy', policyPlaceBehaviours);
