import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defineCommand } from '../../src/commands/command';
import { commandHelp } from '../../src/commands/help';
import { parseOptions } from '../../src/commands/parse-options';

const command = defineCommand({
  name: 'demo',
  summary: 'Shows every kind of option.',
  options: {
    data: { type: 'string', required: true, placeholder: 'DIR', help: 'The crops.' },
    epochs: { type: 'integer', default: 20, min: 1, help: 'Passes.' },
    'max-steps': { type: 'integer', help: 'Stops after so many.' },
    shifts: { type: 'numbers', default: [-1, 0, 1], help: 'Shifts.' },
    preset: { type: 'choice', choices: ['demo', 'paper'], default: 'demo', help: 'Sizes.' },
    resume: { type: 'boolean', help: 'Goes on.' },
  },
  positional: ['data'],
  run: async (options) => options,
});

describe('parseOptions', () => {
  const parse = (...words: string[]) => parseOptions(command, words);

  it('reads values behind a space or =, switches, negative numbers, and the positional word', () => {
    assert.deepEqual(parse('cells', '--epochs=5', '--shifts', '-3,-2,3', '--resume', '--max-steps', '7'), {
      data: 'cells',
      epochs: 5,
      maxSteps: 7,
      shifts: [-3, -2, 3],
      preset: 'demo',
      resume: true,
    });
  });

  it('fills in defaults; what has none is undefined, a switch is false', () => {
    assert.deepEqual(parse('--data', 'cells'), {
      data: 'cells',
      epochs: 20,
      maxSteps: undefined,
      shifts: [-1, 0, 1],
      preset: 'demo',
      resume: false,
    });
  });

  const wrong: [string[], RegExp][] = [
    [
      ['cells', '--epoch', '5'],
      /^OptionError: lch demo: unknown option --epoch; nearest is --epochs \(see lch demo --help\)$/,
    ],
    [['cells', '--epochs', 'five'], /--epochs needs a whole number from 1 on, got "five"/],
    [['cells', '--epochs', '0'], /--epochs needs a whole number from 1 on, got "0"/],
    [['cells', '--epochs', '1.5'], /--epochs needs a whole number from 1 on, got "1.5"/],
    [['cells', '--epochs'], /--epochs needs a whole number from 1 on, got nothing/],
    [['cells', '--epochs', '--resume'], /--epochs needs a whole number from 1 on, got nothing/],
    [['cells', '--preset', 'papper'], /--preset needs one of demo, paper, got "papper"; nearest is paper/],
    [['cells', '--shifts', '1,,2'], /--shifts needs numbers with commas between, such as -3,0,3, got "1,,2"/],
    [['cells', '--resume=yes'], /--resume is a switch and takes no value, got "yes"/],
    [['cells', 'more'], /unexpected "more"; options start with --/],
    [['cells', '--__proto__', 'x'], /unknown option --__proto__/],
    [[], /--data is missing; it needs a value \(DIR\): The crops\./],
  ];
  for (const [words, message] of wrong) {
    it(`${words.join(' ') || 'nothing'}: says what is wrong`, () =>
      assert.throws(() => parse(...words), message));
  }

  it('help names every option with its default', () => {
    const text = commandHelp(command);
    for (const part of [
      'usage: lch demo DIR',
      '--max-steps N',
      'Default: 20.',
      'Default: -1,0,1.',
      'Required.',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });
});
