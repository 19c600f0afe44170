import { toolContextBehaviours } from '../../src/testing/contract/behaviours/tool-context.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('what a tool sees', toolContextBehaviours);
