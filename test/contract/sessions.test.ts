import { ARMS } from '../../src/testing/contract/arms.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';
import { everyMethod } from '../../src/testing/contract/behaviours/every-method.ts';
import { principalBehaviours } from '../../src/testing/contract/behaviours/principals.ts';
import { resumeBehaviours } from '../../src/testing/contract/behaviours/resumes.ts';
import { sessionBehaviours } from '../../src/testing/contract/behaviours/sessions.ts';
import { streamBehaviours, wireBehaviours } from '../../src/testing/contract/behaviours/streams.ts';

contractSuite('session/events', streamBehaviours);
contractSuite('the wire', wireBehaviours, ['handler']);
contractSuite('sessions', sessionBehaviours);
contractSuite('resumes', resumeBehaviours);
contractSuite('principals', principalBehaviours);
contractSuite('both interfaces', everyMethod, ARMS, 'all');
