// The project's own Python environment (.venv) with JupyterLab from a lock file; with --dev also what the tests talk to.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMarked, mark, requirements, runChild, SetupError, sumOf, venv, venvPython } from './context.mjs';

const oldestPython = [3, 10];

/** Makes the step for one lock file of scripts/setup/requirements/. */
export function pythonPackages(lock, label) {
  const file = join(requirements, `${lock}.txt`);
  const marker = join(venv, `.lch-${lock}`);
  return {
    name: label,
    isDone: () => existsSync(venvPython) && isMarked(marker, sumOf(file)),
    async run() {
      if (!environmentWorks()) await makeEnvironment();
      try {
        await runChild(
          'pip install',
          venvPython,
          [
            '-m',
            'pip',
            'install',
            '--disable-pip-version-check',
            '--no-input',
            '--require-hashes',
            '-r',
            file,
          ],
          { describe: packageName },
        );
      } catch (error) {
        throw new SetupError(
          `Python packages of ${lock}.txt could not be installed: ${error.message}\nIs the network up? Run the same command again.`,
        );
      }
      mark(marker, sumOf(file));
    },
  };
}

function environmentWorks() {
  return existsSync(venvPython) && spawnSync(venvPython, ['-m', 'pip', '--version']).status === 0;
}

async function makeEnvironment() {
  const python = findPython();
  rmSync(venv, { recursive: true, force: true });
  try {
    await runChild('python -m venv', python, ['-m', 'venv', venv]);
  } catch (error) {
    rmSync(venv, { recursive: true, force: true });
    const version = spawnSync(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
      .stdout.toString()
      .trim();
    throw new SetupError(
      `Python's venv module does not work here (${error.message.split('\n').pop()}). On Debian or Ubuntu:\n` +
        `  sudo apt-get install python3-venv      (or python${version}-venv)\nthen run the same command again.`,
    );
  }
}

/** The first Python that is new enough. `LCH_PYTHON_FOR_SETUP` names another. */
function findPython() {
  const candidates = [
    process.env.LCH_PYTHON_FOR_SETUP,
    'python3',
    'python3.14',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
    'python',
  ];
  const seen = [];
  for (const candidate of candidates.filter(Boolean)) {
    const answer = spawnSync(candidate, ['-c', 'import sys; print("%d %d" % sys.version_info[:2])']);
    if (answer.status !== 0) continue;
    const [major, minor] = answer.stdout.toString().trim().split(' ').map(Number);
    if (major === oldestPython[0] && minor >= oldestPython[1]) return candidate;
    seen.push(`${candidate} is ${major}.${minor}`);
  }
  throw new SetupError(
    `Python ${oldestPython.join('.')} or newer is needed${seen.length ? ` (${seen.join(', ')})` : ' and no python3 was found'}. On Debian or Ubuntu:\n` +
      '  sudo apt-get install python3 python3-venv\nthen run the same command again.',
  );
}

/** pip's chatter reduced to the package it works on. */
function packageName(line) {
  const match = /^(?:Collecting|Downloading|Installing collected packages:?) ([\w.\-[\]]+)/.exec(line);
  return match ? match[0].slice(0, 60) : '';
}
