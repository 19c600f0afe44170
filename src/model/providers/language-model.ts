import type { LanguageModelV4 } from '@ai-sdk/provider';
import { builtInProvider } from '../../protocol/providers.ts';
import type { ResolvedModel } from '../../protocol/team.ts';

export interface Connection {
  /** Absent while a cassette plays, through a gateway, and for local providers. */
  key: string | undefined;
  fetch: typeof fetch;
  /** Where calls are numbered from that come without an id, so that a recorded answer gives the same ones. */
  firstCallNumber: number;
}

const OPENAI = 'https://api.openai.com/v1';
const ANTHROPIC = 'https://api.anthropic.com/v1';
const NO_KEY = 'no-key';

/** GitHub's API refuses who does not name a client. */
const COPILOT = { 'Copilot-Integration-Id': 'copilot-developer-cli', 'Editor-Version': 'yonder/0.1' };

/** Anthropic's own tools write `base_url` without the version, OpenAI's with it; both are taken. */
function anthropicBase(base: string): string {
  const trimmed = base.replace(/\/+$/, '');
  return /\/v\d+$/.test(trimmed) ? trimmed : `${trimmed}/v1`;
}

/** Where this model is asked: the team's address, the built-in provider's, or OpenAI's and Anthropic's own. */
export function baseUrlOf(model: ResolvedModel): string {
  const base = model.base_url ?? builtInProvider(model.provider)?.base_url;
  if (model.api === 'anthropic') return anthropicBase(base ?? ANTHROPIC);
  return base ?? OPENAI;
}

/**
 * The provider package's model for this wire; packages are loaded on first use. Base URLs are always given, so that no
 * environment variable of the packages' own redirects a request.
 */
export async function languageModel(model: ResolvedModel, connection: Connection): Promise<LanguageModelV4> {
  let number = connection.firstCallNumber;
  const generateId = (): string => `call_${number++}`;
  const settings = {
    apiKey: connection.key ?? NO_KEY,
    baseURL: baseUrlOf(model),
    fetch: connection.fetch,
  };
  switch (model.api) {
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic(settings).languageModel(model.model);
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google');
      return createGoogle({ ...settings, generateId }).languageModel(model.model);
    }
    case 'mistral': {
      const { createMistral } = await import('@ai-sdk/mistral');
      return createMistral({ ...settings, generateId }).languageModel(model.model);
    }
    case 'openai_responses': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI(settings).responses(model.model);
    }
    default:
      return chatModel(model, connection, settings);
  }
}

async function chatModel(
  model: ResolvedModel,
  connection: Connection,
  settings: { apiKey: string; baseURL: string; fetch: typeof fetch },
): Promise<LanguageModelV4> {
  if (model.provider === 'openai' && model.base_url === undefined) {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return createOpenAI(settings).chat(model.model);
  }
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  const version = model.provider === 'azure' ? model.provider_opts?.['api_version'] : undefined;
  return createOpenAICompatible({
    name: 'compatible',
    baseURL: settings.baseURL,
    ...(connection.key === undefined ? {} : { apiKey: connection.key }),
    headers: {
      ...(model.provider === 'azure' && connection.key !== undefined ? { 'api-key': connection.key } : {}),
      ...(model.provider === 'github-copilot' ? COPILOT : {}),
    },
    ...(typeof version === 'string' ? { queryParams: { 'api-version': version } } : {}),
    includeUsage: model.track_usage !== false,
    fetch: connection.fetch,
  }).languageModel(model.model);
}
