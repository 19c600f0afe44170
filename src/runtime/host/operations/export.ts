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
    const { media_type, ending, write } = FORMATS[request.format];
    return {
      media_type,
      name: `${row.session_id}.${ending}`,
      text: await write(exported),
      as_of: state.head,
    };
  },
};

interface Format {
  media_type: string;
  ending: string;
  write(exported: ExportedSession): string | Promise<string>;
}

const FORMATS: Readonly<Record<'json' | 'markdown' | 'html', Format>> = {
  json: { media_type: 'application/json', ending: 'json', write: exportJson },
  markdown: { media_type: 'text/markdown', ending: 'md', write: exportMarkdown },
  html: {
    media_type: 'text/html',
    ending: 'html',
    write: async (exported) => (await import('../../history/export-html.ts')).exportHtml(exported),
  },
};
