// npm start: the main job. Everything is the command `lch start`; this only finds it.
import { createRequire } from 'node:module';

// without "--" npm takes options for itself, and the run would be another than the one asked for
const taken = ['data', 'preset', 'seed', 'out'].filter((name) => `npm_config_${name}` in process.env);
if (taken.length > 0 && process.env.npm_lifecycle_event === 'start') {
  console.error(
    `npm start: npm took --${taken.join(', --')} for itself; write two dashes before the options: npm start -- --${taken[0]} …`,
  );
  process.exit(2);
}
const { main } = createRequire(import.meta.url)('../dist/cli/main.js');
process.exitCode = await main(['start', ...process.argv.slice(2)]);
