// Prepares a fresh clone: installs what is missing, nothing twice, without root. Node built-ins only.
//
//   node scripts/setup.mjs          what `npm start` needs
//   node scripts/setup.mjs --dev    and what the tests talk to
//
// Every step writes its marker last. An interrupted run goes on where it stopped.
import { rmSync } from 'node:fs';
import { binding } from './setup/binding.mjs';
import { build } from './setup/build.mjs';
import { endChildren, SetupError, say, temporary } from './setup/context.mjs';
import { kernel } from './setup/kernel.mjs';
import { nodePackages } from './setup/node-packages.mjs';
import { pythonPackages } from './setup/python-venv.mjs';
import { chooseRuntime, tensorflow } from './setup/tensorflow.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 9)) {
  say(
    `Node 20.9 or newer is needed, this is ${process.versions.node}: https://nodejs.org, or your package manager.`,
  );
  process.exit(1);
}

const dev = process.argv.includes('--dev');
const steps = [
  nodePackages,
  pythonPackages('jupyter', 'Python environment with JupyterLab'),
  ...(dev ? [pythonPackages('test', 'Python packages of the tests')] : []),
  tensorflow,
  binding,
  build,
  kernel,
];

let interrupted = false;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, async () => {
    if (interrupted) process.exit(code); // a second Ctrl-C does not wait
    interrupted = true;
    await endChildren(signal);
    for (const path of temporary) rmSync(path, { recursive: true, force: true });
    say('\nset-up: interrupted; run the same command again and it goes on where it stopped');
    process.exit(code);
  });
}

const started = Date.now();
const missing = steps.filter((step) => !step.isDone());
try {
  for (const step of steps) {
    if (step.isDone()) continue; // asked again here: an earlier step may have done or undone it
    const begun = Date.now();
    say(`set-up ${steps.indexOf(step) + 1}/${steps.length}: ${step.name} …`);
    await step.run();
    say(`set-up ${steps.indexOf(step) + 1}/${steps.length}: ${step.name}: ready (${seconds(begun)} s)`);
  }
  const runtime = chooseRuntime();
  if (runtime.none && missing.length > 0) {
    say(
      `set-up: no native TensorFlow, because ${runtime.none}; computing with WASM: training is about 20 times slower, encoding 4 times`,
    );
  }
  if (missing.length > 0) say(`set-up: ready (${seconds(started)} s)`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(`set-up: ${error.message}`);
  process.exit(1);
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(0);
}
