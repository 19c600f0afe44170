/** How a model is spoken to. `auto` is decided at run; the last two are not built yet and refused before a run. */
export const MODEL_APIS = [
  'openai_chatcompletions',
  'openai_responses',
  'anthropic',
  'google',
  'mistral',
  'auto',
  'amazon_bedrock',
  'vertex',
] as const;
export type ModelApi = (typeof MODEL_APIS)[number];

/** A provider that a team may name without declaring it. */
export interface BuiltInProvider {
  /** Absent for `openai`, where the model's id decides (reference/docker-agent.md 5.3). */
  api?: ModelApi;
  /** Where it is when the team names no `base_url`; absent for the SDK's own default, or where a team must name one. */
  base_url?: string;
  /** The environment variable that holds its key; absent for local ones, which need none. */
  token_key?: string;
  /** The feature's name in the refusal, where this release does not speak to it. */
  later?: string;
}

export const PROVIDERS = {
  openai: { token_key: 'OPENAI_API_KEY' },
  anthropic: { api: 'anthropic', token_key: 'ANTHROPIC_API_KEY' },
  google: {
    api: 'google',
    base_url: 'https://generativelanguage.googleapis.com/v1beta',
    token_key: 'GOOGLE_API_KEY',
  },
  'amazon-bedrock': { api: 'amazon_bedrock', later: 'the provider amazon-bedrock' },
  vertex: { api: 'vertex', later: 'the provider vertex' },
  dmr: { api: 'openai_chatcompletions', base_url: 'http://localhost:12434/engines/v1' },
  ollama: { api: 'openai_chatcompletions', base_url: 'http://localhost:11434/v1' },
  requesty: {
    api: 'openai_chatcompletions',
    base_url: 'https://router.requesty.ai/v1',
    token_key: 'REQUESTY_API_KEY',
  },
  azure: { api: 'openai_chatcompletions', token_key: 'AZURE_API_KEY' },
  xai: { api: 'openai_chatcompletions', base_url: 'https://api.x.ai/v1', token_key: 'XAI_API_KEY' },
  nebius: {
    api: 'openai_chatcompletions',
    base_url: 'https://api.studio.nebius.com/v1',
    token_key: 'NEBIUS_API_KEY',
  },
  mistral: {
    api: 'mistral',
    base_url: 'https://api.mistral.ai/v1',
    token_key: 'MISTRAL_API_KEY',
  },
  groq: {
    api: 'openai_chatcompletions',
    base_url: 'https://api.groq.com/openai/v1',
    token_key: 'GROQ_API_KEY',
  },
  openrouter: {
    api: 'openai_chatcompletions',
    base_url: 'https://openrouter.ai/api/v1',
    token_key: 'OPENROUTER_API_KEY',
  },
  minimax: {
    api: 'openai_chatcompletions',
    base_url: 'https://api.minimax.io/v1',
    token_key: 'MINIMAX_API_KEY',
  },
  'github-copilot': {
    api: 'openai_chatcompletions',
    base_url: 'https://api.githubcopilot.com',
    token_key: 'GITHUB_TOKEN',
  },
} as const satisfies Record<string, BuiltInProvider>;
export type ProviderId = keyof typeof PROVIDERS;

export const PROVIDER_IDS = Object.keys(PROVIDERS) as ProviderId[];

/** What is known of a built-in provider, or undefined for a name that is none. */
export function builtInProvider(id: string): BuiltInProvider | undefined {
  return Object.hasOwn(PROVIDERS, id) ? PROVIDERS[id as ProviderId] : undefined;
}

/** The wire of an `openai` model that names no `api_type` (reference/docker-agent.md 5.3). */
export function openaiApiFor(model: string): 'openai_responses' | 'openai_chatcompletions' {
  const responses = /^(gpt-4\.1|gpt-5|codex|o\d)/.test(model) || model.includes('-codex');
  return responses ? 'openai_responses' : 'openai_chatcompletions';
}
