import { servingLifeBehaviours } from '../../src/testing/contract/behaviours/serving-life.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('the life of a server', servingLifeBehaviours);
