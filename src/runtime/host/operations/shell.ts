import { newId } from '../../ids.ts';
import type { Handlers } from './handlers.ts';
import { send } from './inputs.ts';

export const shellHandlers: Handlers<'session/shell'> = {
  async 'session/shell'(host, context, request) {
    const run_id = newId('run');
    const payload = { run_id, command: request.command };
    const { outcome } = await send(host, context, 'session/shell', request, 'shell', payload, {
      require_idle: true,
      outcome: { run_id },
    });
    return outcome as { input_id: string; run_id: string };
  },
};
