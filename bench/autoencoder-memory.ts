/** Run by bench/autoencoder.ts in a process of its own: prints the process's peak megabytes after five training steps. */
import { presets } from '../src/autoencoder/architecture';
import { loadBackend, type Precision } from '../src/compute';
import { Workload } from './autoencoder-contest';

async function main(): Promise<void> {
  const [batch, precision, threads] = process.argv.slice(2);
  await loadBackend({ threads: Number(threads) });
  const workload = new Workload(presets.paper.architecture, Number(batch), precision as Precision);
  for (let step = 0; step < 5; step++) workload.step();
  console.log(process.resourceUsage().maxRSS / 1000);
  process.exit(0);
}

main();
