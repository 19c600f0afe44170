import { contractSuite } from '../../src/testing/contract/suite.ts';
import { answerBehaviours } from '../../src/testing/contract/behaviours/answers.ts';
import { inputBehaviours } from '../../src/testing/contract/behaviours/inputs.ts';
import { interruptBehaviours } from '../../src/testing/contract/behaviours/interrupts.ts';

contractSuite('session/answer', answerBehaviours);
contractSuite('steer, follow-up and settings', inputBehaviours);
contractSuite('session/interrupt', interruptBehaviours);
