import type { Command, OptionTable } from '../../src/commands/command';
import { parseOptions } from '../../src/commands/parse-options';
import { silentProgress } from '../../src/util/progress';

/** Runs a command in this process on words as typed; returns its value, what it printed and what it logged. */
export async function runCommand<T extends OptionTable, R>(
  command: Command<T, R>,
  words: readonly string[],
): Promise<{ value: R; lines: string[]; log: string[] }> {
  const lines: string[] = [];
  const log: string[] = [];
  const value = await command.run(parseOptions(command, words), {
    progress: { ...silentProgress, log: (line) => void log.push(line) },
    signal: new AbortController().signal,
    print: (line) => void lines.push(line),
  });
  return { value, lines, log };
}
