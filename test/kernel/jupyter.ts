/** Helpers of the kernel's tests: a Python with Jupyter, and a kernelspec for the kernel as it was just compiled. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { packageRoot } from '../../src/util/files';

/** Where the Python scripts of these tests lie (they are not compiled). */
export const SCRIPTS = join(packageRoot(), 'test', 'kernel');

/** A Python that can import these modules, or the reason why there is none. */
export function findPython(...modules: string[]): { python: string } | { skip: string } {
  const candidates = [process.env.LCH_PYTHON, join(packageRoot(), '.venv', 'bin', 'python')];
  for (const python of candidates) {
    if (!python || !existsSync(python)) continue;
    if (spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0) return { python };
  }
  return {
    skip: `no Python with ${modules.join(', ')}: run npm run setup, or name one with LCH_PYTHON`,
  };
}

/** A fresh Jupyter data folder that holds only the compiled kernel, under the name `lch`; and a private history. */
export function kernelEnvironment(): { folder: string; environment: NodeJS.ProcessEnv } {
  const folder = mkdtempSync(join(tmpdir(), 'lch-kernel-'));
  const spec = join(folder, 'kernels', 'lch');
  mkdirSync(spec, { recursive: true });
  writeFileSync(
    join(spec, 'kernel.json'),
    JSON.stringify({
      argv: [process.execPath, resolve(__dirname, '../../src/kernel/main.js'), '{connection_file}'],
      display_name: 'Live Cell Histology',
      language: 'typescript',
      interrupt_mode: 'message',
    }),
  );
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    KERNEL_NAME: 'lch',
    JUPYTER_PATH: folder,
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    LCH_HISTORY: join(folder, 'history'),
    LCH_LIBRARY: join(SCRIPTS, 'stand-in-library'),
    LCH_EXTENSION: 'off',
  };
  delete environment.NODE_OPTIONS;
  delete environment.NODE_TEST_CONTEXT;
  return { folder, environment };
}

interface CheckResult {
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  detail: string;
}

/** Runs a Python script that prints one line of JSON per check, and makes a test of each. */
export async function runChecks(
  test: TestContext,
  python: string,
  script: string,
  environment: NodeJS.ProcessEnv,
): Promise<CheckResult[]> {
  const child = spawn(python, [join(SCRIPTS, script)], { env: environment, cwd: SCRIPTS });
  const complaints: string[] = [];
  child.stderr.on('data', (text) => complaints.push(String(text)));
  const results: CheckResult[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const result = JSON.parse(line) as CheckResult;
    results.push(result);
    await test.test(result.name, { skip: result.outcome === 'skipped' ? result.detail : false }, (inner) => {
      if (result.outcome === 'failed') throw new Error(result.detail);
      if (result.detail !== '') inner.diagnostic(result.detail);
    });
  }
  if (results.length === 0) throw new Error(`${script} reported nothing:\n${complaints.join('')}`);
  return results;
}
