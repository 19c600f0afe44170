import { contractSuite } from '../../src/testing/contract/suite.ts';
import { repeatBehaviours } from '../../src/testing/contract/behaviours/repeats.ts';

// Over real sockets; in one process most of them have tests of their own.
contractSuite('idempotency keys', repeatBehaviours, ['tcp', 'cut']);
