import { signInBehaviours } from '../../src/testing/contract/behaviours/sign-ins.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('sign-ins at MCP servers', signInBehaviours);
