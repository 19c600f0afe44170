/**
 * How providers say that the prompt is too long. Their status codes do not tell (400 or 413 with many meanings), so their
 * words do; each line was taken from that provider's documented or seen answers.
 */
const PATTERNS: readonly RegExp[] = [
  /context_length_exceeded/i, // OpenAI's code
  /maximum context length/i, // OpenAI chat, vLLM, OpenRouter
  /exceeds? the context window/i, // OpenAI responses
  /prompt is too long/i, // Anthropic
  /input length and `?max_tokens`? exceed context limit/i, // Anthropic
  /request_too_large/i, // Anthropic, 413
  /input token count.{0,40} exceeds the maximum/i, // Google
  /exceed(s|ed)? the available context size|exceed_context_size/i, // llama.cpp
  /maximum prompt length is \d+/i, // xAI
  /prompt is longer than the model'?s context/i, // ollama
  /reduce the length of the (messages|prompt|input)/i, // Groq
  /too large for model with \d+ maximum context length/i, // Mistral
  /context window exceeds limit/i, // MiniMax
  /input is too long for requested model/i, // Bedrock behind a gateway
];

/** True when the provider's words, or its error code, mean that the prompt did not fit. */
export function saysContextExceeded(words: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(words));
}
