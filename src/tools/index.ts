/** The door of this room: the toolsets of an agent, and what runs and names their tools. */
export { buildToolsets, type AgentTools, type ToolsetOptions } from './build.ts';
export { definitionDigest } from './definition-digest.ts';
export { runTool, unknownToolResult } from './run-tool.ts';
export { BUILTIN_TOOLSETS, TOOL_TABLE, type ToolTraits } from './tool-table.ts';
export type * from './tool.ts';
