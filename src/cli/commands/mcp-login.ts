import { changing, looking } from '../request-context.ts';
import { CommandFault } from '../command-fault.ts';
import { bringBack } from '../sign-in/bring-back.ts';
import { listenForBrowser } from '../sign-in/callback.ts';
import { askLine } from '../terminal/ask.ts';
import { canAsk, type Io } from '../terminal/io.ts';
import { mcpTeam, type McpFlags } from './mcp-team.ts';
import { withBackend } from './with-backend.ts';

/** `yonder mcp login <server> [team]`: in the browser of this machine, the tokens go to where the servers are talked to. */
export function loginMcp(wanted: string, team: string | undefined, flags: McpFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: false }, async (backend, output, server) => {
    const asked = await mcpTeam(team, { flags, io, backend, output, server }, wanted);
    const port =
      asked.source === undefined
        ? undefined
        : (await backend.listMcp(looking(), asked)).servers.find(
            ({ name, url }) => name === wanted || url === wanted,
          )?.callback_port;
    const callback = await listenForBrowser(port);
    try {
      const begun = await backend.loginMcp(changing(), {
        ...asked,
        server: wanted,
        redirect_url: callback.redirect_url,
      });
      const { login_id, authorization_url, expires_at } = begun;
      const left = AbortSignal.timeout(Math.max(1, Date.parse(expires_at) - io.now().getTime()));
      const interrupted = new AbortController();
      const brought = await bringBack({
        callback,
        authorization_url,
        env: io.env,
        note: (text) => output.note(text),
        signal: AbortSignal.any([left, interrupted.signal]),
        ...(canAsk(io)
          ? {
              line: (signal) =>
                askLine(io, output, '> ', { signal, onInterrupt: () => interrupted.abort(), keys: [] }),
            }
          : {}),
      });
      if (brought === undefined || 'refused' in brought) {
        await backend.finishMcp(changing(), { login_id, decision: 'cancel' });
        if (interrupted.signal.aborted) throw new CommandFault(130);
        output.note(
          brought === undefined
            ? 'nobody signed in within the time that there was; try again'
            : `the sign-in was refused there: ${brought.refused}`,
        );
        return 1;
      }
      const { content } = brought;
      const { scope } = await backend.finishMcp(changing(), { login_id, decision: 'accept', content });
      await output.text(
        `signed in at ${begun.url}${scope === undefined || scope === '' ? '' : ` (${scope})`}\n`,
      );
      return 0;
    } finally {
      await callback.close();
    }
  });
}
