import { z } from 'zod';
import { permissionRulesSchema, safetySchema } from '../permissions.ts';
import { operation } from './declare.ts';
import { CHANGE, accepted, ofSession } from './session-shapes.ts';

/** What changes how an open session goes on. */
export const sessionSettings = {
  'session/agent': operation({
    ...CHANGE,
    method: 'setAgent',
    request: ofSession.extend({ agent_name: z.string() }),
    response: accepted.extend({ agent_name: z.string() }),
  }),
  'session/toolset_restart': operation({
    ...CHANGE,
    method: 'restartToolset',
    request: ofSession.extend({ toolset: z.string() }),
    response: accepted.extend({ toolset: z.string() }),
  }),
  'session/set_model': operation({
    ...CHANGE,
    method: 'setModel',
    request: ofSession.extend({ agent_name: z.string().optional(), model: z.string() }),
    response: accepted.extend({ model: z.string() }),
  }),
  'session/set_permissions': operation({
    ...CHANGE,
    method: 'setPermissions',
    scope: 'approve',
    request: ofSession.extend({ permissions: permissionRulesSchema.partial() }),
    response: accepted,
  }),
  'session/set_safety': operation({
    ...CHANGE,
    method: 'setSafety',
    scope: 'approve',
    request: ofSession.extend({ safety: safetySchema }),
    response: accepted.extend({ safety: safetySchema }),
  }),
  'session/title': operation({
    ...CHANGE,
    method: 'setTitle',
    request: ofSession.extend({ title: z.string().min(1).max(200) }),
    response: accepted.extend({ title: z.string() }),
  }),
  'session/regenerate_title': operation({
    ...CHANGE,
    method: 'regenerateTitle',
    request: ofSession,
    response: accepted,
  }),
  'session/star': operation({
    ...CHANGE,
    method: 'setStarred',
    request: ofSession.extend({ starred: z.boolean() }),
    response: accepted.extend({ starred: z.boolean() }),
  }),
} as const;
