/** The `lch` executable: one command of the table per call. */
import { commands } from '../commands';
import { commandHelp, overviewHelp } from '../commands/help';
import { parseOptions } from '../commands/parse-options';
import { InterruptedError, messageOf, OptionError, UserError } from '../util/errors';
import { packageVersion } from '../util/files';
import { nearestName } from '../util/nearest-name';
import { silentProgress, terminalProgress } from '../util/progress';

/** Exit codes: 0 done, 1 failed, 2 typed wrongly, 130 interrupted (as shells have it). */
const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 };

/**
 * Runs `lch` with the words behind its name.
 *
 * @returns the exit code
 */
export async function main(words: readonly string[]): Promise<number> {
  const flags = { json: false, quiet: false, verbose: false, help: false };
  const rest = words.filter((word) => {
    const flag = /^--(json|quiet|verbose|help)$/.exec(word)?.[1] ?? (word === '-h' ? 'help' : undefined);
    if (flag) flags[flag as keyof typeof flags] = true;
    return !flag;
  });
  const [name, ...optionWords] = rest;
  if (name === '--version' || name === 'version') {
    console.log(packageVersion());
    return exitCodes.done;
  }
  if (!name || name === 'help') {
    const wanted = commands.find((command) => command.name === optionWords[0]);
    console.log(wanted ? commandHelp(wanted) : overviewHelp(commands));
    return flags.help || name === 'help' ? exitCodes.done : exitCodes.usage;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    const nearest = nearestName(
      name,
      commands.map((candidate) => candidate.name),
    );
    console.error(
      `lch: unknown command "${name}"; ${nearest ? `nearest is ${nearest}` : 'lch --help lists them'}`,
    );
    return exitCodes.usage;
  }
  if (flags.help) {
    console.log(commandHelp(command));
    return exitCodes.done;
  }

  const interruption = new AbortController();
  const onInterrupt = (signal: NodeJS.Signals) => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted); // a second Ctrl-C does not wait
    process.stderr.write(
      '\ninterrupted: finishing what must not stay half-written (Ctrl-C again to quit at once)\n',
    );
    interruption.abort(signal);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    let reported: { content: unknown } | undefined;
    const result = await command.run(parseOptions(command, optionWords), {
      report: (content) => {
        reported = { content };
      },
      progress: flags.quiet ? silentProgress : terminalProgress(),
      signal: interruption.signal,
      // with --json, standard output holds the JSON and nothing else
      print: (line) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`),
    });
    if (flags.json) {
      const content = reported ? reported.content : result;
      process.stdout.write(`${JSON.stringify(content ?? null, null, 2)}\n`);
    }
    return exitCodes.done;
  } catch (error) {
    if (flags.json && error instanceof UserError && error.report !== undefined) {
      process.stdout.write(`${JSON.stringify(error.report, null, 2)}\n`);
    }
    return report(error, flags.verbose);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

function report(error: unknown, verbose: boolean): number {
  if (error instanceof UserError) {
    console.error(error.message.replaceAll('\n', ' '));
  } else {
    console.error(
      `lch: unexpected ${messageOf(error).split('\n')[0]} (a defect of lch; --verbose shows where)`,
    );
  }
  if (verbose) console.error(error);
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  return error instanceof OptionError ? exitCodes.usage : exitCodes.failed;
}
