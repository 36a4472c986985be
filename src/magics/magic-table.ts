/** The table of magics: the general ones, and the commands of the library. */
import { captureMagic } from './capture';
import { cdMagic, envMagic, loadMagic, pwdMagic, runMagic, writefileMagic } from './files';
import {
  backendMagic,
  historyMagic,
  makeLsmagic,
  memoryMagic,
  progressMagic,
  rerunMagic,
  typecheckMagic,
} from './kernel-magics';
import type { AnyMagic } from './magic';
import { bashMagic, shMagic } from './shell';
import {
  htmlMagic,
  javascriptMagic,
  latexMagic,
  markdownMagic,
  mermaidMagic,
  svgMagic,
  vegaliteMagic,
} from './show';
import { sqlMagic } from './sql';
import { timeitMagic, timeMagic } from './timing';
import { pinfoMagic, resetMagic, whoMagic, whosMagic } from './variables';

/** Magics of any notebook, by what they are about. */
export const generalMagics: Readonly<Record<string, readonly AnyMagic[]>> = {
  Timing: [timeMagic, timeitMagic],
  Variables: [whoMagic, whosMagic, resetMagic, pinfoMagic],
  'Files and folders': [cdMagic, pwdMagic, envMagic, loadMagic, runMagic, writefileMagic],
  Shell: [bashMagic, shMagic],
  'What a cell shows': [
    htmlMagic,
    markdownMagic,
    svgMagic,
    javascriptMagic,
    latexMagic,
    mermaidMagic,
    vegaliteMagic,
    captureMagic,
  ],
  Tables: [sqlMagic],
  'The kernel': [
    makeLsmagic(() => magicTable()),
    historyMagic,
    rerunMagic,
    typecheckMagic,
    memoryMagic,
    backendMagic,
    progressMagic,
  ],
};

let table: readonly AnyMagic[] | undefined;

/** All magics. The first call loads the library behind the commands, which a notebook without magics need not wait for. */
export function magicTable(): readonly AnyMagic[] {
  if (!table) {
    const { commandMagics } = require('./command-magics') as typeof import('./command-magics');
    table = [...Object.values(generalMagics).flat(), ...commandMagics];
  }
  return table;
}
