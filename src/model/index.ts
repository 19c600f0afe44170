/** The model room's door: one stream over the providers, cassettes, and the way out to the network. */
export { createModels, type Models, type ModelsOptions } from './models.ts';
export type {
  AttemptFailure,
  FinishPart,
  ListedModel,
  ModelCall,
  ModelFacts,
  ModelPart,
  ModelPrice,
  ModelTimes,
} from './call.ts';
export { acceptedMedia, textOfFile, type AcceptedMedia } from './accepted-media.ts';
export { contextTokens } from './usage.ts';
export { KEYS_PAGE, keyName } from './keys.ts';
export { convertMessage } from './prompt/convert-message.ts';
export { parseGateway } from './http/gateway.ts';
export { createHttp, type Http } from './http/http.ts';
export { FIRST_LINE, parseCassette, serializeCassette, type Cassette } from './cassette/yaml.ts';
export type { CassetteMatch, CassettePort, Interaction, Placeholder } from './cassette/interaction.ts';
