// Fetches the URLs of its arguments through the room's dispatcher and prints what each gave, one JSON line each.
import { createHttp } from '../../../src/model/http/http.ts';

const http = createHttp((name) => process.env[name]);
for (const url of process.argv.slice(2)) {
  try {
    const response = await http.fetch(url, { method: 'POST', body: 'question' });
    console.log(JSON.stringify({ url, status: response.status, text: await response.text() }));
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const code =
      typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : String(cause ?? error);
    console.log(JSON.stringify({ url, failed: code }));
  }
}
await http.close();
