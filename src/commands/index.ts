/** The table of commands: what `lch` and the notebook magics offer. */
import type { Command } from './command';
import { doctorCommand } from './doctor';

// biome-ignore lint/suspicious/noExplicitAny: the table mixes commands of different option types
export const commands: readonly Command<any, any>[] = [doctorCommand];
