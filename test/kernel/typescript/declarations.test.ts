import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declaredNames, restoreDeclarations } from '../../../src/kernel/typescript/declarations';

describe('declarations of cells', () => {
  it('are listed by name and type', () => {
    const text = `declare const a = 1, b: string;
declare function f(x: number): void;
declare class C {}
declare enum E { A }
interface I {}
import d, { e as g } from 'm';
import * as n from 'n';`;
    assert.deepEqual(
      declaredNames(text).map(({ name, type }) => `${name}: ${type}`),
      [
        'a: 1',
        'b: string',
        'f: (x: number) => void',
        'C: class C',
        'E: enum E',
        "d: import from 'm'",
        "g: import from 'm'",
        "n: import from 'n'",
      ],
    );
  });

  it('of some names come back from an earlier text', () => {
    const previous = 'declare let a: number, b: number;\ndeclare const c: boolean;\n';
    const current = 'declare let a: string;\ndeclare const d: null;\n';
    assert.equal(
      restoreDeclarations(current, previous, new Set(['a'])),
      'declare let a: number;\ndeclare const d: null;\n',
    );
  });
});
