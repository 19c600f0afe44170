import { parseSync } from 'oxc-parser';

export interface ModuleImport {
  /** The literal specifier; undefined where it is computed, which nobody can judge from outside. */
  specifier: string | undefined;
  line: number;
}

interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

/**
 * Every way in which a TypeScript file names another module: static, type-only and dynamic imports, re-exports, `import('x').T` in
 * types, `import x = require()`, `require()`, `process.getBuiltinModule()` and `/// <reference>`.
 * Throws SyntaxError where the file does not parse, because then nothing can be said about it.
 */
export function moduleImports(file: string, source: string): ModuleImport[] {
  const { program, errors, comments } = parseSync(file, source);
  if (errors[0] !== undefined) throw new SyntaxError(`${file}: ${errors[0].message}`);
  const found: ModuleImport[] = [];
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length;
  visit(program, (node) => {
    const named = namedModule(node);
    if (named !== undefined) found.push({ specifier: literal(named.source), line: lineOf(node.start) });
  });
  for (const comment of comments) {
    const specifier = /^\/\s*<reference\s+(?:path|types)="([^"]+)"/.exec(comment.value)?.[1];
    if (specifier !== undefined) found.push({ specifier, line: lineOf(comment.start) });
  }
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
    return;
  }
  if (!isNode(value)) return;
  see(value);
  for (const child of Object.values(value)) visit(child, see);
}

/** The node that names a module, where this node does. */
function namedModule(node: Node): { source: unknown } | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ImportExpression':
    case 'ExportAllDeclaration':
    case 'TSImportType':
      return { source: node['source'] ?? node['argument'] };
    case 'ExportNamedDeclaration':
      return isNode(node['source']) ? { source: node['source'] } : undefined;
    case 'TSExternalModuleReference':
      return { source: node['expression'] };
    case 'CallExpression':
      return loads(node['callee']) && Array.isArray(node['arguments'])
        ? { source: node['arguments'][0] }
        : undefined;
    default:
      return undefined;
  }
}

const loadingMethods = ['getBuiltinModule', 'require'];

/** `require`, `module.require`, `process.getBuiltinModule`, and the two by their bare names. */
function loads(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  const name = callee.type === 'MemberExpression' ? callee['property'] : callee;
  return isNode(name) && loadingMethods.includes(literal(name) ?? String(name['name']));
}

function literal(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined;
  if (node.type === 'TSLiteralType') return literal(node['literal']);
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node['quasis']) || node['quasis'].length !== 1)
    return undefined;
  const [only]: { value: { cooked: string } }[] = node['quasis'];
  return only?.value.cooked;
}
