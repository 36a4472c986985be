/** Code with its words marked, as HTML; done here, so that a page needs no script for it. */
import { escapeXml } from '../../plots/escape';

/** What is used of highlight.js. Its own types would bring in the browser's, under which Node's `fetch` has other ones. */
interface Highlighter {
  registerLanguage(name: string, grammar: unknown): void;
  getLanguage(name: string): unknown;
  highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { value: string };
}

const hljs = require('highlight.js/lib/core') as Highlighter;
for (const name of ['bash', 'javascript', 'json', 'markdown', 'python', 'sql', 'typescript', 'xml']) {
  hljs.registerLanguage(name, require(`highlight.js/lib/languages/${name}`));
}

/**
 * @param language as behind a Markdown fence (`ts`, `sh`, `json` …); code of a language that is not known is escaped and left plain
 * @returns HTML in which all of the code's own markup is text
 */
export function highlightCode(code: string, language: string): string {
  if (!hljs.getLanguage(language)) return escapeXml(code);
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}

const magicLanguages: Record<string, string> = {
  bash: 'bash',
  sh: 'bash',
  sql: 'sql',
  html: 'xml',
  svg: 'xml',
  markdown: 'markdown',
  javascript: 'javascript',
};

/** What a cell is written in: its `%%` magic says so, or else TypeScript. */
export function languageOfCell(source: string): string {
  const magic = /^\s*%%(\w+)/.exec(source)?.[1] ?? '';
  return magicLanguages[magic] ?? 'typescript';
}
