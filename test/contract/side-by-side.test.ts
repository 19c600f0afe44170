import { sideBySideBehaviours } from '../../src/testing/contract/behaviours/side-by-side.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('tasks side by side', sideBySideBehaviours);
