/** The table of commands: what `lch` and the notebook magics offer. */
import { amplifyCommand } from './amplify';
import { auditCommand } from './audit';
import { batchReportCommand } from './batch-report';
import { cellsNeededCommand } from './cells-needed';
import { classifyCommand } from './classify';
import type { Command } from './command';
import { dataCommand } from './data';
import { decodeCommand } from './decode';
import { doctorCommand } from './doctor';
import { encodeCommand } from './encode';
import { explainCommand } from './explain';
import { exploreCommand } from './explore';
import { exportCommand } from './export';
import { hallmarksCommand } from './hallmarks';
import { interpolateCommand } from './interpolate';
import { kernelCommand } from './kernel';
import { pcaCommand } from './pca';
import { plasticityCommand } from './plasticity';
import { shareCommand } from './share';
import { simulateCommand } from './simulate';
import { slurmCommand } from './slurm';
import { startCommand } from './start';
import { trainCommand } from './train';
import { transferCommand } from './transfer';
import { umapCommand } from './umap';

const table = [
  startCommand,
  trainCommand,
  encodeCommand,
  decodeCommand,
  exportCommand,
  umapCommand,
  pcaCommand,
  classifyCommand,
  transferCommand,
  cellsNeededCommand,
  batchReportCommand,
  auditCommand,
  explainCommand,
  amplifyCommand,
  interpolateCommand,
  exploreCommand,
  hallmarksCommand,
  plasticityCommand,
  simulateCommand,
  dataCommand,
  shareCommand,
  slurmCommand,
  doctorCommand,
  kernelCommand,
] as const;

// biome-ignore lint/suspicious/noExplicitAny: the table mixes commands of different option types
export const commands: readonly Command<any, any>[] = table;

/** What each command's magic gives, by its name. */
export type CommandResults = {
  [C in (typeof table)[number] as C['name']]: Awaited<ReturnType<C['run']>>;
};
