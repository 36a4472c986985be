/** Help texts of magics, made from their own tables. */
import { commandHelp } from '../commands/help';
import type { AnyMagic } from './magic';

/** As typed: `%time`, `%%bash`; `%time and %%time` for both. */
export function formsOf({ name, kind }: AnyMagic): string {
  const forms = [...(kind === 'cell' ? [] : [`%${name}`]), ...(kind === 'line' ? [] : [`%%${name}`])];
  return forms.join(' and ');
}

/** The text of `%name?`. */
export function magicHelp(magic: AnyMagic): string {
  const help = commandHelp(magic, magic.kind === 'cell' ? '%%' : '%');
  // without options there is nothing to list
  return Object.keys(magic.options).length > 0
    ? help
    : help.replace(/ \[options\](\n[\s\S]*?)\n\noptions:\n/, '$1\n');
}

/** The same as Markdown, for the front end's tooltip. */
export function magicHelpMarkdown(magic: AnyMagic): string {
  return `**${formsOf(magic)}**: ${magic.summary}\n\n\`\`\`text\n${magicHelp(magic)}\n\`\`\``;
}
