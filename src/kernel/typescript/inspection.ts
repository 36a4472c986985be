/** Documentation of a name for the front end: as Markdown with its tags set out, and as text. */
import ts from 'typescript';
import type { MimeBundle } from '../services';

export function inspectionBundle(info: ts.QuickInfo, plainText: string): MimeBundle {
  const signature = textOf(info.displayParts);
  const tags = (info.tags ?? []).map(describeTag).filter((line) => line !== '');
  const sections = ['```typescript\n' + signature + '\n```', textOf(info.documentation), tags.join('\n\n')];
  return {
    'text/plain': plainText,
    'text/markdown': sections.filter((section) => section !== '').join('\n\n'),
  };
}

function describeTag({ name, text }: ts.JSDocTagInfo): string {
  if (!text || text.length === 0) return `*@${name}*`;
  if (name === 'param') {
    const parameter = textOf(text.filter((part) => part.kind === 'parameterName'));
    const description = textOf(text.filter((part) => part.kind === 'text')).replace(/^\s*-?\s*/, '');
    return `*@param* \`${parameter}\` ${description}`.trim();
  }
  if (name === 'example')
    return `*@example*\n\`\`\`typescript\n${textOf(text).replace(/^```\w*\n|\n```$/g, '')}\n\`\`\``;
  return `*@${name}* ${textOf(text)}`;
}

function textOf(parts: readonly ts.SymbolDisplayPart[] | undefined): string {
  return ts.displayPartsToString(parts ? [...parts] : []);
}
