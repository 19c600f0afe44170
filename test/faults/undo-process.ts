import { openWorld } from '../../src/testing/contract/world.ts';

/** Undoes the last exchange of a session, in a process of its own that a test kills in the middle. */
const [data = '', folder = '', session_id = ''] = process.argv.slice(2);
const world = await openWorld({ arm: 'local', data, folder });
await world.backend.session(session_id).undo(world.context, {});
process.stdout.write('done\n');
await world.close();
