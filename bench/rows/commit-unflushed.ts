import { commitRow } from '../commits.ts';

export const row = commitRow('not flushed', 2000, false);
