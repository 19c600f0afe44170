import { contractSuite } from '../../src/testing/contract/suite.ts';
import { undoBehaviours } from '../../src/testing/contract/behaviours/undo.ts';
import { undoLimitBehaviours } from '../../src/testing/contract/behaviours/undo-limits.ts';
import { togetherBehaviours } from '../../src/testing/contract/behaviours/undo-together.ts';

contractSuite('two sessions in one folder', togetherBehaviours);
contractSuite('snapshots, undo and reset', undoBehaviours);
contractSuite('what an undo reaches', undoLimitBehaviours);
