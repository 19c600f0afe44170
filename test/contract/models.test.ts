import { contractSuite } from '../../src/testing/contract/suite.ts';
import { fallbackBehaviours } from '../../src/testing/contract/behaviours/fallback.ts';
import { modelNameBehaviours } from '../../src/testing/contract/behaviours/model-names.ts';
import { gatewayBehaviours } from '../../src/testing/contract/behaviours/gateway.ts';
import { attachmentBehaviours } from '../../src/testing/contract/behaviours/attachments.ts';
import { writtenCallBehaviours } from '../../src/testing/contract/behaviours/written-calls.ts';

contractSuite('calls that are written as text', writtenCallBehaviours);
contractSuite('files for the model', attachmentBehaviours);
contractSuite('fallback models', fallbackBehaviours);
contractSuite('a models gateway', gatewayBehaviours);
contractSuite('models by their names', modelNameBehaviours);
