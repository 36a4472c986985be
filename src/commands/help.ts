/** Help texts, made from the commands' own tables. */
import type { Command, OptionSpec } from './command';

/** What a command tells about itself. */
type Described = Pick<Command, 'name' | 'summary' | 'details' | 'options' | 'positional' | 'examples'>;

const width = 100;

/** The text of `lch NAME --help`. */
export function commandHelp(command: Described, prefix = 'lch '): string {
  const who = `${prefix}${command.name}`;
  const positional = (command.positional ?? []).map(
    (name: string) => ` ${optionPlaceholder(name, command.options[name])}`,
  );
  const required = Object.entries<OptionSpec>(command.options)
    .filter(([name, spec]) => spec.required && !command.positional?.includes(name))
    .map(([name, spec]) => ` --${name} ${optionPlaceholder(name, spec)}`);
  const rows = Object.entries<OptionSpec>(command.options).map(([name, spec]): [string, string] => [
    spec.type === 'boolean' ? `--${name}` : `--${name} ${optionPlaceholder(name, spec)}`,
    [spec.help, ...facts(spec)].join(' '),
  ]);
  return [
    `${who}: ${command.summary}`,
    '',
    `usage: ${who}${positional.join('')}${required.join('')} [options]`,
    ...(command.details ? ['', ...wrap(command.details, width)] : []),
    '',
    'options:',
    ...columns(rows),
    ...(command.examples?.length
      ? ['', 'examples:', ...command.examples.map((example) => `  ${example}`)]
      : []),
  ].join('\n');
}

/** The text of `lch --help`. */
export function overviewHelp(commands: readonly Described[]): string {
  return [
    'lch: label-free live-cell histology: train, encode, classify and explain images of single living cells',
    '',
    'usage: lch COMMAND [options]        lch COMMAND --help explains one',
    '',
    'commands:',
    ...columns(commands.map((command): [string, string] => [command.name, command.summary])),
    '',
    'for every command:',
    ...columns([
      ['--help', 'Explains it.'],
      ['--json', 'Prints its result as JSON on standard output; progress goes to standard error.'],
      ['--quiet', 'Shows no progress.'],
      ['--verbose', 'Shows the stack of an error.'],
    ]),
    '',
    'environment: LCH_BACKEND (tensorflow | wasm), LCH_THREADS, LCH_CACHE, LCH_DATA_PATH',
  ].join('\n');
}

function optionPlaceholder(name: string, spec: OptionSpec): string {
  if (spec.placeholder) return spec.placeholder;
  if (spec.type === 'choice') return spec.choices.join('|');
  if (spec.type === 'integer') return 'N';
  if (spec.type === 'number') return 'X';
  if (spec.type === 'numbers') return 'X,X,…';
  return name.toUpperCase();
}

function facts(spec: OptionSpec): string[] {
  const words: string[] = [];
  if (spec.unit) words.push(`Unit: ${spec.unit}.`);
  if (spec.required) words.push('Required.');
  else if (spec.default !== undefined && spec.type !== 'boolean') words.push(`Default: ${spec.default}.`);
  return words;
}

function columns(rows: readonly [string, string][]): string[] {
  const indent = Math.min(30, Math.max(...rows.map(([left]) => left.length)) + 4);
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, width - indent);
    const head = `  ${left}`;
    // a long left side takes a line of its own
    const first =
      head.length > indent - 2
        ? [head, `${' '.repeat(indent)}${lines[0]}`]
        : [head.padEnd(indent) + lines[0]];
    return [...first, ...lines.slice(1).map((line) => ' '.repeat(indent) + line)];
  });
}

function wrap(text: string, columnsWide: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line && line.length + 1 + word.length > columnsWide) {
        lines.push(line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    lines.push(line);
  }
  return lines;
}
