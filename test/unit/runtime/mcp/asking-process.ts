// A process that holds a question of an MCP server, until somebody kills it:  node asking-process.ts DATA FOLDER TOOL
import { openWorld } from '../../../../src/testing/contract/world.ts';
import { calls } from '../../../../src/testing/contract/support.ts';
import { fixtureToolset, mcpTeam } from '../../../../src/testing/mcp/fixture.ts';

const [data = '', folder = '', tool = ''] = process.argv.slice(2);
const world = await openWorld({
  arm: 'local',
  data,
  folder,
  turns: [calls(tool, { about: 'Why?' }, 'outer')],
});
const runtime = await world.session(mcpTeam([fixtureToolset({ trace: `${data}/trace` })]), {
  unattended: 'wait',
  permissions: { allow: ['fix/ask', 'fix/think'] },
});
for await (const event of await runtime.run(world.context, { messages: [{ content: 'go' }] }))
  if (event.type === 'elicitation_request' || event.type === 'tool_call_confirmation')
    process.stdout.write(`${runtime.session_id} ${String(JSON.parse(event.json).request_id)}\n`);
