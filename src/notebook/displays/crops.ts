/** Loaded crops: how many, of which size, and a look at the first. */
import type { Crops } from '../../data/load-crops';
import type { MimeBundle } from '../../kernel/services';

const shownCrops = 32;

export async function displayCrops(value: unknown): Promise<MimeBundle | null> {
  if (!isCrops(value)) return null;
  const { images, size, table, skipped } = value;
  const count = images.length / size ** 2;
  const shown = Math.min(shownCrops, count);
  const names = table.columnNames();
  const title = `${count.toLocaleString('en-US')} crops of ${size} × ${size} pixels`;
  const notes = [
    ...(count > shown ? [`the first ${shown} shown`] : []),
    ...(skipped.length > 0 ? [`left out, unreadable: ${skipped.length}`] : []),
    // only drawn cells know how far their pseudopods reach
    ...(names.includes('pseudopod_extension') ? ['synthetic cells'] : []),
  ];
  // loaded late: drawing needs a fifth of a second of code
  const { montagePng } = await import('../../plots/montage.js');
  const picture = await montagePng(images.subarray(0, shown * size * size), {
    count: shown,
    size,
    columns: 8,
    scale: Math.max(1, Math.round(96 / size)),
    title,
    note: notes.join(' · '),
  });
  return {
    'image/png': picture,
    'text/plain': `${[title, ...notes].join(', ')}; columns ${names.join(', ')}`,
  };
}

function isCrops(value: unknown): value is Crops {
  const crops = value as Partial<Crops> | null;
  return (
    typeof crops === 'object' &&
    crops !== null &&
    crops.images instanceof Float32Array &&
    typeof crops.size === 'number' &&
    typeof crops.table?.columnNames === 'function' &&
    Array.isArray(crops.skipped)
  );
}
