import { skillBehaviours } from '../../src/testing/contract/behaviours/skills.ts';
import { skillPlaceBehaviours } from '../../src/testing/contract/behaviours/skill-places.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('skills', skillBehaviours);
contractSuite('where skills are', skillPlaceBehaviours);
