import { jobBehaviours } from '../../src/testing/contract/behaviours/jobs.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('background jobs', jobBehaviours);
