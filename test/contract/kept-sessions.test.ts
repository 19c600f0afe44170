import { contractSuite } from '../../src/testing/contract/suite.ts';
import { ownIdBehaviours } from '../../src/testing/contract/behaviours/own-ids.ts';
import { budgetBehaviours } from '../../src/testing/contract/behaviours/budgets.ts';
import { exportBehaviours } from '../../src/testing/contract/behaviours/exports.ts';
import { forkBehaviours } from '../../src/testing/contract/behaviours/forks.ts';
import { ownShellBehaviours } from '../../src/testing/contract/behaviours/own-shell.ts';
import { searchBehaviours } from '../../src/testing/contract/behaviours/search.ts';

contractSuite('search', searchBehaviours);
contractSuite('forks', forkBehaviours);
contractSuite('exports', exportBehaviours);
contractSuite("a person's own commands", ownShellBehaviours);
contractSuite('budgets', budgetBehaviours);
contractSuite("ids of one's own", ownIdBehaviours);
