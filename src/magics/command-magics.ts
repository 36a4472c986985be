/** Every command of `src/commands` as a line magic, with a value of the command's own type. */

import { commands } from '../commands';
import type { Command, OptionTable } from '../commands/command';
import { OptionError, UserError } from '../util/errors';
import { type AnyMagic, defineMagic } from './magic';

/** Commands that belong on a terminal, and what to do in a notebook. */
const terminalOnly: Readonly<Record<string, string>> = {
  start: 'it runs all notebooks; use npm start on a terminal, or run this notebook’s cells',
  kernel: 'it tells Jupyter about this kernel; use lch kernel on a terminal',
};

export const commandMagics: readonly AnyMagic[] = commands.map(asMagic);

// biome-ignore lint/suspicious/noExplicitAny: the table mixes commands of different option types
function asMagic(command: Command<any, any>): AnyMagic {
  return defineMagic<OptionTable>({
    name: command.name,
    kind: 'line',
    isCommand: true,
    summary: command.summary,
    details: command.details && inNotebook(command.details),
    options: command.options as OptionTable,
    positional: command.positional as readonly string[] | undefined,
    examples: command.examples?.filter((example) => !example.includes('--json')).map(inNotebook),
    result: `import('live-cell-histology').CommandResults['${command.name}']`,
    async run({ options }, { kernel, progress, print }) {
      const reason = terminalOnly[command.name];
      if (reason) throw new OptionError(`%${command.name}: ${reason}`);
      try {
        return await command.run(options, {
          progress,
          signal: kernel.signal,
          print: (line) => print(inNotebook(line)),
        });
      } catch (error) {
        throw inNotebookError(error);
      }
    },
  });
}

/** "lch encode --model …" → "%encode --model …". */
function inNotebook(text: string): string {
  return text.replace(/\blch (?=[a-z][a-z-]*)/g, (whole, offset: number) => {
    const name = /^[a-z-]+/.exec(text.slice(offset + whole.length))?.[0];
    return commands.some((command) => command.name === name) ? '%' : whole;
  });
}

function inNotebookError(error: unknown): unknown {
  if (error instanceof UserError) error.message = inNotebook(error.message);
  return error;
}
