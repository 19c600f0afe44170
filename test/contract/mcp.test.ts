import { mcpCallBehaviours } from '../../src/testing/contract/behaviours/mcp-calls.ts';
import { contractSuite } from '../../src/testing/contract/suite.ts';

contractSuite('tools of MCP servers', mcpCallBehaviours);
