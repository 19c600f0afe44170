import { commitRow } from '../commits.ts';

export const row = commitRow('flushed', 300, true);
