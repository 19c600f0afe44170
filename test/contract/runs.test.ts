import { contractSuite } from '../../src/testing/contract/suite.ts';
import { commandBehaviours } from '../../src/testing/contract/behaviours/commands.ts';
import { creationBehaviours } from '../../src/testing/contract/behaviours/creation.ts';
import { runBehaviours } from '../../src/testing/contract/behaviours/runs.ts';
import { teamBehaviours } from '../../src/testing/contract/behaviours/teams.ts';
import { urlTeamBehaviours } from '../../src/testing/contract/behaviours/url-teams.ts';

contractSuite('team/load', teamBehaviours);
contractSuite('teams by URL', urlTeamBehaviours);
contractSuite('commands', commandBehaviours);
contractSuite('session/create', creationBehaviours);
contractSuite('session/run', runBehaviours);
