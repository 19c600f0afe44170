import { skillBehaviours } from '../../src/testing/contract/behaviours/skills.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('skills', skillBehaviours);
