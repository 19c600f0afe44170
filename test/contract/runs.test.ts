import { contractSuite } from '../../src/testing/contract/suite.ts';
import { creationBehaviours } from '../../src/testing/contract/behaviours/creation.ts';
import { runBehaviours } from '../../src/testing/contract/behaviours/runs.ts';
import { teamBehaviours } from '../../src/testing/contract/behaviours/teams.ts';

contractSuite('team/load', teamBehaviours);
contractSuite('session/create', creationBehaviours);
contractSuite('session/run', runBehaviours);
