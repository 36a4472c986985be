/** Code with its words marked, as HTML; done here, so that a page needs no script for it. */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import python from 'highlight.js/lib/languages/python';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import { escapeXml } from '../../plots/escape';

const languages = { bash, javascript, json, markdown, python, sql, typescript, xml };
for (const [name, grammar] of Object.entries(languages)) hljs.registerLanguage(name, grammar);

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
