import { ownerBehaviours } from '../../src/testing/contract/behaviours/owners.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('two principals', ownerBehaviours);
