// npm start: the main job. Everything is the command `lch start`; this only finds it.
import { createRequire } from 'node:module';

const { main } = createRequire(import.meta.url)('../dist/cli/main.js');
process.exitCode = await main(['start', ...process.argv.slice(2)]);
