import { readFileSync } from 'node:fs';
import { countWords } from './count.js';

const [file = 'notes.txt'] = process.argv.slice(2);
console.log(`${file}: ${countWords(readFileSync(file, 'utf8'))} words`);
