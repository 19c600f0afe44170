/** What must hold of MCP servers, one a line as in behaviours.ts. */
export const MCP_LINES = `
a form of an MCP server can be answered, after any number of others | peer 1.3 ResumeElicitation | contract:mcp-questions | a form of a server is a question that its connection holds
startup_timeout counts | peer 719.5 | unit/runtime/mcp/servers.test.ts | one that never answers is ended after its time
call_timeout counts, and the server is told | peer 719.5 | contract:mcp-life | a call that takes too long is ended with words
required counts | peer 719.5 | contract:mcp-life | where it is required the run fails with its words
MCP servers end with their session, and pile up nowhere | peer 2.3 | unit/runtime/mcp/servers.test.ts | gives results within bounds, takes no key
one process serves a session, its sub-agents too | issue 5.1 | contract:mcp-life | parent and sub-agent share one server
a tool is named by its server | R16 | contract:mcp-calls | a rule names a tool of a server as toolset/tool
a hint that a tool only reads is believed of a trusted toolset alone | R3 | contract:mcp-calls | a hint that a tool only reads counts where the toolset is trusted
a run that calls no tool of a server starts none | R17 | contract:mcp-calls | a list that was kept starts no process
a question over a connection ends with it | R15 | unit/runtime/mcp/recovery.test.ts | a form that a dead connection held has expired, and its call is one that nobody knows of
a server gets no key of ours | R13 | unit/runtime/mcp/servers.test.ts | takes no key
a prompt's text is never expanded | R32 | contract:mcp-life | prompt is listed, and is the message of a run, as it is
schemas that a provider refuses stop no run | issue 5.6 | unit/runtime/mcp/servers.test.ts | schemas that providers refuse are mended
floods of tools and of results stop no run | issue 5.6 | unit/runtime/mcp/servers.test.ts | of 10,000 tools the first hundred are taken
`;
