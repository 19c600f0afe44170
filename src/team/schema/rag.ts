import {
  atLeast,
  flag,
  key,
  listOf,
  number,
  oneOf,
  record,
  required,
  since,
  text,
  texts,
  mapOf,
  type Keys,
  type VariantShape,
} from './key.ts';

const chunking = record('the chunking', {
  size: key(atLeast(1), 'Characters of one piece; 1000 when absent.'),
  overlap: key(atLeast(0), 'Characters that neighbouring pieces share; 75 when absent.'),
  respect_word_boundaries: key(flag, 'Cut between words only.'),
  code_aware: key(flag, 'Cut source code at its structure.'),
});

const strategyCommon = {
  type: required(text, 'How documents are found.'),
  docs: key(texts, 'Files and folders of this strategy alone.'),
  database: key(text, 'File of the index.'),
  limit: key(atLeast(1), 'The most results of this strategy; 5 when absent.'),
  chunking: key(chunking, 'How documents are cut into pieces.'),
  threshold: key(number, 'The least likeness of a result.'),
};

const embedding = {
  embedding_model: required(text, 'Model that makes the embeddings.'),
  vector_dimensions: key(atLeast(1), 'Length of an embedding.'),
  similarity_metric: key(text, 'How two embeddings are compared.'),
  batch_size: key(atLeast(1), 'Pieces indexed together.'),
  embedding_batch_size: key(atLeast(1), 'Pieces in one request.'),
  max_embedding_concurrency: key(atLeast(1), 'Requests at the same time.'),
  max_indexing_concurrency: key(atLeast(1), 'Files at the same time.'),
} satisfies Keys;

const strategy: VariantShape<typeof strategyCommon> = {
  kind: 'variant',
  title: 'a strategy',
  common: strategyCommon,
  variants: {
    bm25: {
      doc: 'By words.',
      keys: {
        k1: key(number, 'Weight of repeated words; 1.5 when absent.'),
        b: key(number, 'Weight of length; 0.75 when absent.'),
      },
    },
    'chunked-embeddings': { doc: 'By the likeness of pieces.', keys: embedding },
    'semantic-embeddings': {
      doc: 'By the likeness of what a model says about each piece.',
      keys: {
        ...embedding,
        chat_model: required(text, 'Model that describes the pieces.'),
        semantic_prompt: key(text, 'What that model is asked.'),
        ast_context: key(flag, 'Tell it the structure of the source code too.'),
      },
    },
  },
};

const results = record('the results', {
  limit: key(atLeast(1), 'The most results; 15 when absent.'),
  fusion: key(
    record('the fusion', {
      strategy: key(oneOf('rrf', 'weighted', 'max'), "How the strategies' results are joined."),
      k: key(number, 'Constant of rank fusion; 60 when absent.'),
      weights: key(mapOf(number), 'Weight of each strategy.'),
    }),
    'How the results of several strategies become one list.',
  ),
  reranking: since(
    3,
    key(
      record('the reranking', {
        model: required(text, 'Model that orders the results.'),
        top_k: key(atLeast(1), 'How many results it orders.'),
        threshold: key(number, 'The least score that is kept; 0.5 when absent.'),
        criteria: key(text, 'What counts as a good result.'),
      }),
      'Ordering the results anew with a model.',
    ),
  ),
  deduplicate: key(flag, 'Leave out equal results.'),
  include_score: key(flag, 'Show the score of each result.'),
  return_full_content: key(flag, 'Return whole documents instead of pieces.'),
});

export const ragConfig = record('a rag configuration', {
  tool: key(
    record('a rag tool', {
      name: key(text, 'Name of the tool that searches.'),
      description: key(text, 'What the model reads about the tool.'),
      instruction: key(text, 'How the model should use the tool.'),
    }),
    'The tool that searches.',
  ),
  docs: key(texts, 'Files and folders that are indexed.'),
  respect_vcs: key(flag, 'Leave out what git ignores.'),
  strategies: key(listOf(strategy), 'How documents are found.'),
  results: key(results, 'What becomes of what was found.'),
});

export const ragToolset = {
  ref: key(text, 'Name of an entry under `rag`.'),
  rag_config: key(ragConfig, 'The documents and how they are searched.'),
} satisfies Keys;

export const ragEntry = record('a rag entry', {
  type: key(oneOf('rag'), 'Only `rag`.'),
  name: key(text, 'What messages call it.'),
  tools: key(texts, 'The only tools that are offered.'),
  instruction: key(text, 'What the model reads about its tools.'),
  ...ragToolset,
});
