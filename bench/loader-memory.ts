/** Run by loader.ts in a process of its own: streams COUNT crops from LIST and prints the peak of its memory in MB. */
import { readFileSync } from 'node:fs';
import { openCropFiles } from '../src/data/stream/crop-reader';

async function main(): Promise<void> {
  const [list, count, size, batchSize] = process.argv.slice(2);
  const listed = readFileSync(list, 'utf8').split('\n');
  const files = Array.from({ length: Number(count) }, (_, i) => listed[i % listed.length]);
  const reader = openCropFiles(files, { size: Number(size), threads: 2 });
  let seen = 0;
  for await (const { indices } of reader.batches({ batchSize: Number(batchSize) })) seen += indices.length;
  await reader.close();
  if (seen !== files.length) throw new Error(`${seen} of ${files.length} crops came`);
  console.log(process.resourceUsage().maxRSS / 1024);
}

main();
