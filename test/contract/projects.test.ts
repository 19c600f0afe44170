import { projectBehaviours } from '../../src/testing/contract/behaviours/projects.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('projects', projectBehaviours);
