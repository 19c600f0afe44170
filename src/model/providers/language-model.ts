import type { LanguageModelV4 } from '@ai-sdk/provider';
import { builtInProvider } from '../../protocol/providers.ts';
import type { ResolvedModel } from '../../protocol/team.ts';

export interface Connection {
  /** Absent while a cassette plays and for local providers. */
  key: string | undefined;
  fetch: typeof fetch;
}

const OPENAI = 'https://api.openai.com/v1';
const ANTHROPIC = 'https://api.anthropic.com/v1';
const NO_KEY = 'no-key';

/** Anthropic's own tools write `base_url` without the version, OpenAI's with it; both are taken. */
function anthropicBase(base: string): string {
  const trimmed = base.replace(/\/+$/, '');
  return /\/v\d+$/.test(trimmed) ? trimmed : `${trimmed}/v1`;
}

/**
 * The provider package's model for this wire; packages are loaded on first use. Base URLs are always given, so that no
 * environment variable of the packages' own redirects a request.
 */
export async function languageModel(model: ResolvedModel, connection: Connection): Promise<LanguageModelV4> {
  const apiKey = connection.key ?? NO_KEY;
  const base = model.base_url ?? builtInProvider(model.provider)?.base_url;
  if (model.api === 'anthropic') {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    const baseURL = anthropicBase(base ?? ANTHROPIC);
    return createAnthropic({ apiKey, baseURL, fetch: connection.fetch }).languageModel(model.model);
  }
  if (model.api === 'openai_responses' || (model.provider === 'openai' && model.base_url === undefined)) {
    const { createOpenAI } = await import('@ai-sdk/openai');
    const openai = createOpenAI({ apiKey, baseURL: base ?? OPENAI, fetch: connection.fetch });
    return model.api === 'openai_responses' ? openai.responses(model.model) : openai.chat(model.model);
  }
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
  return createOpenAICompatible({
    name: 'compatible',
    baseURL: base ?? OPENAI,
    ...(connection.key === undefined ? {} : { apiKey: connection.key }),
    ...(model.provider === 'azure' && connection.key !== undefined
      ? { headers: { 'api-key': connection.key } }
      : {}),
    includeUsage: model.track_usage !== false,
    fetch: connection.fetch,
  }).languageModel(model.model);
}
