import { todoBehaviours } from '../../src/testing/contract/behaviours/todo.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('the todo list', todoBehaviours);
