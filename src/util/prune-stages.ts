/** Room for new results: kept ones that nothing uses any more are removed. */
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface PruneOptions {
  /** Results that were last used longer ago go. Default 30. */
  days?: number;
  /** Above this size of all, those go first that were used longest ago. Default 20 GB. */
  bytes?: number;
  /** What was used since then stays in any case, however much it is. At most a day ago, since other runs may be at work. */
  keepSince: Date;
  /** Default now. */
  now?: Date;
}

/** What {@link pruneStages} removed. */
export interface Pruned {
  stages: number;
  bytes: number;
}

const day = 24 * 3600_000;
const stageName = /^[\w-]+-[0-9a-f]{16}$/;
const removedEnd = '.removed';

/**
 * Removes stages of a cache (see stage-cache.ts) that nothing used for long, or that are too much. Only folders named as stages are looked at; a stage goes whole or stays
 * whole, also when this is interrupted.
 */
export function pruneStages(
  cache: string,
  { days = 30, bytes = 20e9, keepSince, now = new Date() }: PruneOptions,
): Pruned {
  if (!existsSync(cache)) return { stages: 0, bytes: 0 };
  const folders = readdirSync(cache, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  // what an interrupted removal left
  for (const { name } of folders) if (name.endsWith(removedEnd)) remove(join(cache, name));
  const stages = folders
    .filter(({ name }) => stageName.test(name))
    .map(({ name }) => {
      const folder = join(cache, name);
      return { folder, usedAt: lstatSync(folder).mtimeMs, size: sizeOf(folder) };
    })
    .sort((a, b) => a.usedAt - b.usedAt);
  const keptSince = Math.min(keepSince.getTime(), now.getTime() - day);
  let left = stages.reduce((sum, { size }) => sum + size, 0);
  const pruned: Pruned = { stages: 0, bytes: 0 };
  for (const { folder, usedAt, size } of stages) {
    const isOld = usedAt < now.getTime() - days * day;
    if (usedAt >= keptSince || (!isOld && left <= bytes)) continue;
    const removed = `${folder}${removedEnd}`;
    try {
      renameSync(folder, removed); // from here on nobody takes it for a result
    } catch {
      continue; // of someone else, who may prune it
    }
    remove(removed);
    left -= size;
    pruned.stages++;
    pruned.bytes += size;
  }
  return pruned;
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // the next time
  }
}

/** Bytes of all files inside. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stats = lstatSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (stats?.isFile() ? stats.size : 0);
  }, 0);
}
