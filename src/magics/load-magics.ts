/** The magics as an extension of the kernel: transform of cells, completion and help, and the global name behind which they are called. */
import type { OptionSpec, OptionTable } from '../commands/command';
import type { KernelExtension, KernelServices } from '../kernel/services';
import { UserError } from '../util/errors';
import { type Progress, silentProgress } from '../util/progress';
import { magicAssistant } from './assistant';
import { declareMagics } from './declare-magics';
import type { AnyMagic, MagicContext } from './magic';
import { magicHelp } from './magic-help';
import { generalMagics, magicTable } from './magic-table';
import { WordValue, withOptions } from './magic-words';
import type { MagicSyntax, Notebook } from './scan/magic-syntax';
import { scanCell } from './scan/scan-cell';
import { MAGICS } from './scan/write-calls';
import { runShell, shellLines } from './shell';
import { clocks } from './timing';

/** @param progress where commands report to */
export function loadMagics(kernel: KernelServices, progress: Progress): KernelExtension {
  let syntaxes: Map<string, MagicSyntax> | undefined;
  const notebook: Notebook = {
    get magics() {
      syntaxes ??= new Map(magicTable().map((magic) => [magic.name, syntaxOf(magic)]));
      return syntaxes;
    },
    isVariable: (name) =>
      name in globalThis ||
      name in kernel.variables ||
      kernel.declaredNames().some((known) => known.name === name),
  };
  return {
    transform: (source) => scanCell(source, notebook),
    assistant: magicAssistant(kernel, notebook),
    globals: {
      values: { [MAGICS]: callableMagics(kernel, progress) },
      declarations: declareMagics(Object.values(generalMagics).flat()),
    },
  };
}

/** What the scanner has to know of a magic. */
export function syntaxOf(magic: AnyMagic): MagicSyntax {
  return {
    kind: magic.kind,
    argument: magic.argument ?? 'words',
    ...(magic.kind !== 'line' && { body: magic.body ?? 'text' }),
    ...(magic.namesResult && { namesResult: true }),
    ...(magic.isCommand && { isCommand: true }),
    ...(magic.result && { result: magic.result }),
    optionTypes: Object.fromEntries(
      Object.entries(magic.options as OptionTable).map(([name, spec]) => [name, typeOfOption(spec)]),
    ),
    ...(magic.letters && { letters: magic.letters as Record<string, string> }),
    positional: magic.positional ?? [],
  };
}

/** TypeScript type of a value that `{expression}` may give; true for a switch, which takes none. */
function typeOfOption(spec: OptionSpec): string | true {
  switch (spec.type) {
    case 'number':
    case 'integer':
      return 'number';
    case 'numbers':
      return 'readonly number[] | Float64Array | Float32Array';
    case 'choice':
      return spec.choices.map((choice) => JSON.stringify(choice)).join(' | ');
    case 'boolean':
      return true;
    case 'string':
      return spec.path ? 'FileOrTable' : 'string | number';
  }
}

/** The object that transformed cells call; {@link declareMagics} gives its type. */
function callableMagics(kernel: KernelServices, progress: Progress): Record<string, unknown> {
  const general = Object.values(generalMagics).flat();
  const settings: MagicContext['settings'] = { progress: 'on' };
  const context: MagicContext = {
    kernel,
    settings,
    get progress() {
      return settings.progress === 'on' ? progress : silentProgress;
    },
    print: (line) => kernel.write('stdout', `${line}\n`),
  };
  const call =
    (magic: AnyMagic, isCell: boolean) =>
    (words: readonly unknown[], ...rest: unknown[]) => {
      if (words.includes('--help')) return context.print(magicHelp(magic));
      // the text of a cell begins behind the line break of its first line
      const given = rest.map((value) =>
        isCell && typeof value === 'string' ? value.replace(/^\n/, '') : value,
      );
      return withOptions(magic, words, (options) => magic.run({ options, isCell, rest: given }, context));
    };
  const byName = (isCell: boolean) =>
    Object.fromEntries(general.map((magic) => [magic.name, call(magic, isCell)]));
  const find = (name: string) => magicTable().find((magic) => magic.name === name)!;
  return {
    line: byName(false),
    cell: byName(true),
    command: (name: string, words: readonly unknown[]) => call(find(name), false)(words),
    help: (name: string) => context.print(magicHelp(find(name))),
    refuse: async (problem: string) => {
      throw new UserError(problem);
    },
    value: (value: unknown, option?: string) => new WordValue(value, option),
    text: (value: unknown) => (Array.isArray(value) ? value.join(' ') : String(value)),
    clock: () => clocks.now(),
    startClock: () => clocks.start(),
    startedClock: () => clocks.started(),
    shell: (parts: readonly unknown[]) => runShell(parts, kernel),
    shellLines: (parts: readonly unknown[]) => shellLines(parts, kernel),
  };
}
