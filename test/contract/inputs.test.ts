import { contractSuite } from '../../src/testing/contract/suite.ts';
import { answerBehaviours } from '../../src/testing/contract/behaviours/answers.ts';
import { formBehaviours } from '../../src/testing/contract/behaviours/forms.ts';
import { inputBehaviours } from '../../src/testing/contract/behaviours/inputs.ts';
import { interruptBehaviours } from '../../src/testing/contract/behaviours/interrupts.ts';

contractSuite('session/answer', answerBehaviours);
contractSuite('forms of user_prompt', formBehaviours);
contractSuite('steer, follow-up and settings', inputBehaviours);
contractSuite('session/interrupt', interruptBehaviours);
