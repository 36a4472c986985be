// Writes docs/api.md, the reference of all public names, from src/index.ts and the docstrings.
//
//   node scripts/build-api-docs.mjs [--check]      --check: only says whether the file is current
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const entry = join(root, 'src/index.ts');
const target = join(root, 'docs/api.md');

const config = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
);
const program = ts.createProgram([entry], { ...config.options, noEmit: true });
const checker = program.getTypeChecker();
const source = program.getSourceFile(entry);

/** Headings are the line comments between export statements of index.ts. */
const sections = [];
for (const statement of source.statements) {
  if (!ts.isExportDeclaration(statement)) continue;
  const comments = ts.getLeadingCommentRanges(source.text, statement.getFullStart()) ?? [];
  const heading = comments
    .map(({ pos, end }) => source.text.slice(pos, end))
    .filter((text) => text.startsWith('//') && !text.includes('biome-ignore'))
    .at(-1);
  if (heading || sections.length === 0)
    sections.push({ title: (heading ?? '// Library').slice(2).trim(), symbols: [] });
  const module = checker.getSymbolAtLocation(statement.moduleSpecifier);
  const names = statement.exportClause
    ? statement.exportClause.elements.map((element) => checker.getSymbolAtLocation(element.name))
    : checker.getExportsOfModule(module);
  sections.at(-1).symbols.push(...names);
}

const lines = [
  '# API',
  '',
  'Every public name of `live-cell-histology`, from its docstring. Written by `node scripts/build-api-docs.mjs`; a test says when it is out of date.',
  '',
];
for (const { title, symbols } of sections) {
  lines.push(`## ${title}`, '');
  for (const symbol of symbols.sort((a, b) => a.name.localeCompare(b.name, 'en')))
    lines.push(...entryOf(symbol));
}
const text = `${lines.join('\n').trimEnd()}\n`;
if (process.argv.includes('--check')) {
  let current = '';
  try {
    current = readFileSync(target, 'utf8');
  } catch {}
  if (current !== text) {
    console.error('docs/api.md is out of date; run node scripts/build-api-docs.mjs');
    process.exitCode = 1;
  }
} else writeFileSync(target, text);

function entryOf(symbol) {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = real.declarations?.[0];
  if (!declaration) return [];
  const file = relative(root, declaration.getSourceFile().fileName);
  const result = [`### \`${symbol.name}\``, '', '```ts', signatureOf(real, declaration), '```', ''];
  const doc = ts.displayPartsToString(real.getDocumentationComment(checker)).trim();
  if (doc) result.push(doc, '');
  for (const tag of real.getJsDocTags(checker)) {
    const said = ts.displayPartsToString(tag.text).trim();
    if (tag.name === 'example') result.push('```ts', said, '```', '');
    else if (tag.name === 'param') result.push(`- ${said.replace(/^(\S+)\s*/, '`$1`: ')}`, '');
    else if (tag.name === 'returns' || tag.name === 'throws') result.push(`- *${tag.name}* ${said}`, '');
  }
  const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  result.push(owner ? `<sub>from ${owner}</sub>` : `<sub>[${file}](../${file})</sub>`, '');
  return result;
}

/** Types by their names, whole packages by theirs: where they lie on this machine is nobody's business. */
function withoutPaths(text) {
  return text
    .replace(/import\("[^"]*"(?:, \{.*?\} \})?\)\./g, '')
    .replace(
      /import\("[^"]*\/node_modules\/((?:@[^/"]+\/)?[^/"]+)[^"]*"(?:, \{.*?\} \})?\)/g,
      "import('$1')",
    );
}

/** The head of a function or class; the whole of an interface or type, whose comments are the manual of its options. */
function signatureOf(symbol, declaration) {
  const printer = ts.createPrinter({ removeComments: false });
  const plain = (node) => printer.printNode(ts.EmitHint.Unspecified, node, declaration.getSourceFile());
  if (ts.isFunctionDeclaration(declaration)) {
    const signature = checker.getSignatureFromDeclaration(declaration);
    const shown = checker.signatureToString(signature, undefined, ts.TypeFormatFlags.NoTruncation);
    return withoutPaths(`function ${symbol.name}${shown}`);
  }
  if (ts.isClassDeclaration(declaration)) {
    const members = declaration.members
      .filter((member) => member.name && !ts.isPrivateIdentifier(member.name))
      .filter((member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private))
      .map(
        (member) =>
          `  ${member.name.getText()}${ts.isMethodDeclaration(member) ? `(${member.parameters.map((p) => p.getText()).join(', ')})` : ''};`,
      );
    return `class ${symbol.name} {\n${members.join('\n')}\n}`;
  }
  if (ts.isVariableDeclaration(declaration)) {
    const type = checker.typeToString(
      checker.getTypeAtLocation(declaration),
      undefined,
      ts.TypeFormatFlags.None,
    );
    return withoutPaths(`const ${symbol.name}: ${type}`);
  }
  return plain(declaration).replace(/^\/\*\*[\s\S]*?\*\/\s*/, '');
}
