/** Words typed after a command's name → typed option values, by the command's table. The terminal and the notebook magics share it. */
import { OptionError } from '../util/errors';
import { nearestName } from '../util/nearest-name';
import type { Command, OptionSpec, OptionTable, OptionValues } from './command';

/**
 * Parses `--name value`, `--name=value`, switches (`--resume`) and positional words.
 *
 * @param command its table of options
 * @param words as typed, without the command's name
 * @param prefix what stands before the command's name in messages: "lch " on a terminal, "%" in a notebook
 * @throws OptionError naming the option, what it needs, what came, and the nearest known name
 * @example
 * parseOptions(train, ['--data', 'cells', '--epochs', '5']).epochs; // 5
 */
export function parseOptions<T extends OptionTable>(
  command: Pick<Command<T, unknown>, 'name' | 'options' | 'positional'>,
  words: readonly string[],
  prefix = 'lch ',
): OptionValues<T> {
  const who = `${prefix}${command.name}`;
  const values: Record<string, unknown> = {};
  const positional = [...(command.positional ?? [])];
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (!word.startsWith('--')) {
      const name = positional.shift();
      if (!name) {
        throw new OptionError(`${who}: unexpected "${word}"; options start with -- (see ${who} --help)`);
      }
      values[name] = parseValue(who, name, command.options[name], word);
      continue;
    }
    const [, name, inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word) as RegExpExecArray;
    const spec = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
    if (!spec) throw unknownOption(who, name, command.options);
    if (spec.type === 'boolean') {
      if (inline !== undefined && inline !== 'true' && inline !== 'false') {
        throw new OptionError(`${who}: --${name} is a switch and takes no value, got "${inline}"`);
      }
      values[name] = inline !== 'false';
      continue;
    }
    const text = inline ?? words[++i];
    // a value may start with one dash (-3,-2), but two dashes are the next option
    if (text === undefined || (inline === undefined && text.startsWith('--'))) {
      throw new OptionError(`${who}: --${name} needs ${describeValue(spec)}, got nothing`);
    }
    values[name] = parseValue(who, name, spec, text);
  }
  return complete(who, command.options, values, prefix.startsWith('%') ? 'notebook' : 'terminal');
}

/**
 * Checks values that come as an object (from library code or a magic's `{expression}`) and fills in defaults.
 *
 * @param values by option name as typed, kebab case
 * @param place in a notebook, options that only a terminal needs may be left out
 */
export function complete<T extends OptionTable>(
  who: string,
  options: T,
  values: Record<string, unknown>,
  place: 'terminal' | 'notebook' = 'terminal',
): OptionValues<T> {
  const result: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(options)) {
    const value = values[name] ?? spec.default ?? (spec.type === 'boolean' ? false : undefined);
    if (value === undefined && (spec.required === true || spec.required === place)) {
      throw new OptionError(`${who}: --${name} is missing; it needs ${describeValue(spec)}: ${spec.help}`);
    }
    result[camelCase(name)] = value;
  }
  return result as OptionValues<T>;
}

/** "max-steps" → "maxSteps". */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Switches that the terminal takes for every command. */
const commonSwitches = ['help', 'json', 'quiet', 'verbose'];

function unknownOption(who: string, name: string, options: OptionTable): OptionError {
  const known = Object.keys(options);
  const nearest = nearestName(name, [...known, ...commonSwitches]);
  const list =
    known.length > 0
      ? `it has ${known.map((option) => `--${option}`).join(' ')}`
      : 'it has no options of its own';
  return new OptionError(
    `${who}: unknown option --${name}; ${nearest ? `nearest is --${nearest}` : list} (see ${who} --help)`,
  );
}

/** Text → value of the option's type. */
export function parseValue(who: string, name: string, spec: OptionSpec, text: string): unknown {
  const wrong = () => new OptionError(`${who}: --${name} needs ${describeValue(spec)}, got "${text}"`);
  switch (spec.type) {
    case 'number':
    case 'integer': {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      if (!Number.isFinite(value) || (spec.type === 'integer' && !Number.isInteger(value))) throw wrong();
      if ((spec.min !== undefined && value < spec.min) || (spec.max !== undefined && value > spec.max))
        throw wrong();
      return value;
    }
    case 'numbers': {
      const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
      if (!values.every(Number.isFinite)) throw wrong();
      return values;
    }
    case 'choice':
      if (!spec.choices.includes(text)) {
        const nearest = nearestName(text, spec.choices);
        throw nearest ? new OptionError(`${wrong().message}; nearest is ${nearest}`) : wrong();
      }
      return text;
    case 'boolean':
      return text === 'true';
    case 'string':
      if (text === '') throw wrong();
      return text;
  }
}

/** What an option's value must be, in words: "a whole number from 1 on (pixels)". */
export function describeValue(spec: OptionSpec): string {
  const unit = spec.unit ? ` (${spec.unit})` : '';
  switch (spec.type) {
    case 'number':
    case 'integer': {
      const kind = spec.type === 'integer' ? 'a whole number' : 'a number';
      const { min, max } = spec;
      const range =
        min !== undefined && max !== undefined
          ? ` from ${min} to ${max}`
          : min !== undefined
            ? ` from ${min} on`
            : '';
      return `${kind}${range}${unit}`;
    }
    case 'numbers':
      return `numbers with commas between, such as -3,0,3${unit}`;
    case 'choice':
      return `one of ${spec.choices.join(', ')}`;
    case 'boolean':
      return 'no value';
    case 'string':
      return spec.placeholder ? `a value (${spec.placeholder})` : 'a value';
  }
}
