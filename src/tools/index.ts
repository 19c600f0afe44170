/** The door of this room: the toolsets of an agent, and what runs and names their tools. */
export { buildToolsets, type AgentTools, type ToolsetOptions } from './build.ts';
export { definitionDigest } from './definition-digest.ts';
export { runTool, unknownToolResult } from './run-tool.ts';
export { JOBS_TOOLSET, jobsOf, liveJobs, type Job } from './shell/job-state.ts';
export { endOfJob } from './shell/jobs.ts';
export { BUILTIN_TOOLSETS, LOOP_EXEMPT, TOOL_TABLE, type ToolTraits } from './tool-table.ts';
export type * from './tool.ts';
