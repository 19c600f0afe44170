import { UnsupportedError } from '../../../protocol/errors.ts';
import { exportJson } from '../../history/export-json.ts';
import { exportMarkdown } from '../../history/export-markdown.ts';
import type { ExportedSession } from '../../history/exported.ts';
import { inCallOrder } from '../../prompt/call-order.ts';
import { summaryOf, usageOf } from '../describe.ts';
import { usageDetails } from '../usage-details.ts';
import type { Handlers } from './handlers.ts';

export const exportHandlers: Handlers<'session/export'> = {
  async 'session/export'(host, context, request) {
    const row = await host.row(context, request.session_id);
    if (request.format === 'html') {
      throw new UnsupportedError(
        'an export as html',
        'yet: take json, which has all, or markdown, which reads well',
      );
    }
    const session = await host.open(row);
    const { state } = session.log;
    const exported: ExportedSession = {
      exported_at: host.options.now().toISOString(),
      session: { ...(await summaryOf(host.store, row)), as_of: state.head },
      team: { name: session.team.name, digest: row.team_digest },
      usage: { ...usageOf(session), ...usageDetails(state), as_of: state.head },
      conversations: [...state.conversations.values()].map((held) => ({
        session_id: held.session_id,
        ...(held.parent === undefined ? {} : { parent: held.parent }),
        agent_name: held.agent_name,
        ...(held.summary === undefined
          ? {}
          : { summary: held.summary, summary_before: held.messages[held.window_start]?.message_id }),
        messages: inCallOrder(held.messages),
      })),
    };
    const markdown = request.format === 'markdown';
    return {
      media_type: markdown ? 'text/markdown' : 'application/json',
      name: `${row.session_id}.${markdown ? 'md' : 'json'}`,
      text: markdown ? exportMarkdown(exported) : exportJson(exported),
      as_of: state.head,
    };
  },
};
