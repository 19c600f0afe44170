import { decide } from '../../../src/runtime/decisions/fold.ts';
import { readGrammarFiles } from '../../../src/runtime/decisions/shell/grammar-files.ts';
import { ShellGrammar } from '../../../src/runtime/decisions/shell/grammar.ts';
import { parseShellLine } from '../../../src/runtime/decisions/shell/parse.ts';
import type { ShellLine } from '../../../src/runtime/decisions/shell/types.ts';
import type { Decision, DecisionCall, DecisionInput, Layer } from '../../../src/runtime/decisions/types.ts';
import type { PermissionLayer, PermissionRules } from '../../../src/protocol/permissions.ts';

export const grammar = new ShellGrammar(() => readGrammarFiles());

export function rules(partial: Partial<PermissionRules> = {}): PermissionRules {
  return { allow: [], ask: [], deny: [], ...partial };
}

export function layer(name: PermissionLayer, partial: Partial<PermissionRules>, trusted = true): Layer {
  return { name, rules: rules(partial), trusted };
}

export async function shellCall(cmd: string): Promise<DecisionCall & { shell: ShellLine }> {
  const shell = await parseShellLine(cmd, grammar);
  return {
    toolset: 'shell',
    tool: 'shell',
    builtin: true,
    effect: 'external',
    args: { cmd },
    paths: [],
    network: false,
    shell,
  };
}

export function fileCall(tool: string, path: string, use: 'read' | 'write' = 'write'): DecisionCall {
  return {
    toolset: 'filesystem',
    tool,
    builtin: true,
    effect: use === 'write' ? 'workspace' : 'none',
    args: { path },
    paths: [{ path, use, inside: true }],
    network: false,
  };
}

export function question(call: DecisionCall, partial: Partial<DecisionInput> = {}): DecisionInput {
  return { call, layers: [], mode: 'balanced', unattended: 'wait', ...partial };
}

/** The decision about a shell line under one user rule that allows. */
export async function underAllow(cmd: string, ...allow: string[]): Promise<Decision> {
  return decide(question(await shellCall(cmd), { layers: [layer('user', { allow })] }));
}

/** The decision about a shell line that nobody is asked about but for a deny. */
export async function underDeny(cmd: string, ...deny: string[]): Promise<Decision> {
  return decide(question(await shellCall(cmd), { layers: [layer('user', { deny })], mode: 'autonomous' }));
}
