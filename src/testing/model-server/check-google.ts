import { array, checkNames, object, type Json } from './check-parts.ts';

const PART_KINDS = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];

interface Open {
  id: unknown;
  name: unknown;
}

/** Results stand together right behind the content with the calls, as many as there were and under the same names. */
function answersFaults(open: readonly Open[], responses: readonly Json[], at: string): string[] {
  if (open.length !== responses.length) {
    return [
      `${at}: the number of function response parts (${responses.length}) is not that of the function call parts (${open.length})`,
    ];
  }
  return responses.flatMap((response, index) => {
    const call = open.find((one) => response['id'] !== undefined && one.id === response['id']) ?? open[index];
    const faults: string[] = [];
    if (call?.name !== response['name']) faults.push(`${at}: a response to ${String(response['name'])}`);
    if (typeof response['response'] !== 'object') faults.push(`${at}: a response without an object`);
    return faults;
  });
}

/** Gemini 3 wants the signature back that came with the first call of each step; or the documented mark for a foreign call. */
function signatureFaults(parts: readonly Json[], at: string, model: string): string[] {
  const first = parts.find((part) => part['functionCall'] !== undefined);
  if (first === undefined || !model.includes('gemini-3')) return [];
  return typeof first['thoughtSignature'] === 'string'
    ? []
    : [
        `${at}: function call ${String(object(first['functionCall'])['name'])} is missing a thought_signature`,
      ];
}

/** What streamGenerateContent refuses. @param model from the address; the body has none */
export function checkGoogle(body: Json, model: string): string[] {
  const declarations = array(body['tools']).flatMap((tool) => array(tool['functionDeclarations']));
  const faults = checkNames(declarations.map((declaration) => declaration['name']));
  const contents = array(body['contents']);
  if (contents.length === 0) faults.push('contents is not specified');
  if (contents.length > 0 && contents[0]?.['role'] !== 'user')
    faults.push('the first content is not from the user');
  let open: Open[] = [];
  for (const [index, content] of contents.entries()) {
    const at = `contents[${index}]`;
    const parts = array(content['parts']);
    if (parts.length === 0) faults.push(`${at} has no parts`);
    if (content['role'] !== 'user' && content['role'] !== 'model')
      faults.push(`${at} has role ${String(content['role'])}`);
    for (const part of parts)
      if (!PART_KINDS.some((kind) => part[kind] !== undefined)) faults.push(`${at} has a part without data`);
    const responses = parts.filter((part) => part['functionResponse'] !== undefined);
    faults.push(
      ...answersFaults(
        open,
        responses.map((part) => object(part['functionResponse'])),
        at,
      ),
    );
    open = parts
      .map((part) => object(part['functionCall']))
      .filter((call) => call['name'] !== undefined)
      .map((call) => ({ id: call['id'], name: call['name'] }));
    if (content['role'] === 'model') faults.push(...signatureFaults(parts, at, model));
  }
  if (open.length > 0) faults.push('the last function calls are not answered');
  return faults;
}
