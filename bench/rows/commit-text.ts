import { commitRow } from '../commits.ts';

export const row = commitRow('flushed, of a text that is found by search', 300, true, true);
