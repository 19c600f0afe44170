import { contractSuite } from '../../src/testing/contract/suite.ts';
import { fallbackBehaviours } from '../../src/testing/contract/behaviours/fallback.ts';

contractSuite('fallback models', fallbackBehaviours);
