import { contractSuite } from '../../src/testing/contract/suite.ts';
import { fallbackBehaviours } from '../../src/testing/contract/behaviours/fallback.ts';
import { gatewayBehaviours } from '../../src/testing/contract/behaviours/gateway.ts';

contractSuite('fallback models', fallbackBehaviours);
contractSuite('a models gateway', gatewayBehaviours);
