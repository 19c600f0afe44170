import { contractSuite } from '../../src/testing/contract/suite.ts';
import { contentBehaviours } from '../../src/testing/contract/behaviours/content.ts';
import { compactionBehaviours } from '../../src/testing/contract/behaviours/compaction.ts';
import { secretBehaviours } from '../../src/testing/contract/behaviours/secrets.ts';
import { peerBehaviours } from '../../src/testing/contract/behaviours/peer.ts';

contractSuite('secrets', secretBehaviours);
contractSuite('compaction', compactionBehaviours);
contractSuite('uploads, prompt files and cassettes', contentBehaviours);
contractSuite("the peer's fourteen", peerBehaviours);
