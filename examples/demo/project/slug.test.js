import { slugify } from './slug.js';

const slug = slugify('The Quick Brown Fox');
console.log(`"The Quick Brown Fox" becomes "${slug}"`);
if (slug !== 'the-quick-brown-fox') {
  console.log('not ok: it should become "the-quick-brown-fox"');
  process.exitCode = 1;
}
