/** Loaded crops: how many, of which size, and a look at the first. */
import type { Crops } from '../../data/load-crops';
import type { MimeBundle } from '../../kernel/services';

const shownCrops = 32;

export async function displayCrops(value: unknown): Promise<MimeBundle | null> {
  const crops = value as Partial<Crops> | null;
  if (typeof crops !== 'object' || crops === null) return null;
  const { images, size, table, skipped } = crops;
  if (!(images instanceof Float32Array) || typeof size !== 'number' || !table || !Array.isArray(skipped))
    return null;
  const count = images.length / size ** 2;
  const names = table.columnNames();
  const { montagePng } = await import('../../plots/montage.js');
  const shown = Math.min(shownCrops, count);
  const synthetic = names.includes('pseudopod_extension');
  return {
    'image/png': await montagePng(images.subarray(0, shown * size * size), {
      count: shown,
      size,
      columns: 8,
      scale: Math.max(1, Math.round(96 / size)),
      ...(synthetic ? { note: 'Synthetic cells' } : {}),
    }),
    'text/plain': `${count.toLocaleString('en-US')} crops of ${size} × ${size} pixels${skipped.length > 0 ? `, ${skipped.length} files skipped` : ''}; columns ${names.join(', ')}`,
  };
}
