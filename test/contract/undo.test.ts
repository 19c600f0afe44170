import { contractSuite } from '../../src/testing/contract/suite.ts';
import { undoBehaviours } from '../../src/testing/contract/behaviours/undo.ts';

contractSuite('snapshots, undo and reset', undoBehaviours);
