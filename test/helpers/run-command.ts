import type { Command, OptionTable } from '../../src/commands/command';
import { parseOptions } from '../../src/commands/parse-options';
import { silentProgress } from '../../src/util/progress';

/**
 * Runs a command in this process on words as typed; returns its value, what it reported instead for `--json` (the value where it
 * reported nothing), what it printed and what it logged.
 */
export async function runCommand<T extends OptionTable, R>(
  command: Command<T, R>,
  words: readonly string[],
): Promise<{ value: R; report: unknown; lines: string[]; log: string[] }> {
  const lines: string[] = [];
  const log: string[] = [];
  let reported: unknown;
  const context = {
    progress: { ...silentProgress, log: (line: string) => void log.push(line) },
    signal: new AbortController().signal,
    print: (line: string) => void lines.push(line),
    report: (content: unknown) => {
      reported = content;
    },
  };
  const value = await command.run(parseOptions(command, words), context);
  return { value, report: reported ?? value, lines, log };
}
