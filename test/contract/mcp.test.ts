import { mcpCallBehaviours } from '../../src/testing/contract/behaviours/mcp-calls.ts';
import { mcpLifeBehaviours } from '../../src/testing/contract/behaviours/mcp-life.ts';
import { mcpQuestionBehaviours } from '../../src/testing/contract/behaviours/mcp-questions.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('tools of MCP servers', mcpCallBehaviours);
contractSuite('questions of MCP servers', mcpQuestionBehaviours);
contractSuite('lives of MCP servers', mcpLifeBehaviours);
