/** JupyterLab in a headless Chromium: started for a test, driven through what it exposes. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

export const CHROMIUM = [
  process.env.LCH_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** Serves a notebook `test.ipynb` with these cells. */
export async function startLab(
  python: string,
  folder: string,
  environment: NodeJS.ProcessEnv,
  cells: readonly string[],
) {
  const notebooks = join(folder, 'notebooks');
  mkdirSync(notebooks);
  writeFileSync(join(notebooks, 'test.ipynb'), JSON.stringify(notebook(cells)));
  const port = await freePort();
  const log = openSync(join(folder, 'lab.log'), 'w');
  const settings = Object.fromEntries(
    ['JUPYTER_CONFIG_DIR', 'JUPYTER_DATA_DIR', 'JUPYTERLAB_SETTINGS_DIR', 'JUPYTERLAB_WORKSPACES_DIR'].map(
      (name) => [name, join(folder, name.toLowerCase())],
    ),
  );
  const child: ChildProcess = spawn(
    python,
    [
      '-m',
      'jupyterlab',
      '--no-browser',
      '--allow-root',
      '--ip=127.0.0.1',
      `--port=${port}`,
      '--IdentityProvider.token=',
      '--ServerApp.password=',
      `--ServerApp.root_dir=${notebooks}`,
      '--expose-app-in-browser',
      '--LabApp.news_url=None',
    ],
    {
      env: {
        ...environment,
        ...settings,
        JUPYTER_PATH: `${folder}:${join(dirname(dirname(python)), 'share', 'jupyter')}`,
      },
      stdio: ['ignore', log, log],
    },
  );
  const address = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) {
    if (
      await fetch(`${address}/api/status`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (i > 120)
      throw new Error(`JupyterLab did not start:\n${readFileSync(join(folder, 'lab.log'), 'utf8')}`);
    await sleep(500);
  }
  const stop = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 8000);
    await gone;
    clearTimeout(timer);
  };
  return { address, stop };
}

function notebook(cells: readonly string[]): object {
  return {
    cells: cells.map((source, i) => ({
      cell_type: 'code',
      id: `cell-${i}`,
      execution_count: null,
      metadata: {},
      outputs: [],
      source,
    })),
    metadata: {
      kernelspec: { name: 'lch', display_name: 'Live Cell Histology', language: 'typescript' },
      language_info: { name: 'typescript' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** What JupyterLab exposes with --expose-app-in-browser, as far as used. */
interface ExposedLab {
  jupyterapp: {
    commands: { execute(name: string): Promise<unknown> };
    shell: {
      currentWidget: {
        sessionContext?: { session?: { kernel?: { status: string } } };
        content: { activeCell: { model: { sharedModel: { setSource(text: string): void } } } };
      };
    };
  };
}

export async function runCommand(page: Page, name: string, wait = true): Promise<void> {
  await page.evaluate(
    async ([command, waits]) => {
      const done = (window as unknown as ExposedLab).jupyterapp.commands.execute(command as string);
      if (waits) await done;
    },
    [name, wait] as const,
  );
}

export async function kernelIs(page: Page, status: string): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      (window as unknown as ExposedLab).jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
        ?.status === wanted,
    status,
    { timeout: 60_000 },
  );
}

export async function eventually(page: Page, condition: () => boolean): Promise<void> {
  const holds = await page.waitForFunction(condition, null, { timeout: 60_000 }).then(
    () => true,
    () => false,
  );
  assert.ok(holds, `never came true: ${condition}`);
}

export async function putInNewCell(page: Page, text: string): Promise<void> {
  await runCommand(page, 'notebook:insert-cell-below');
  await page.evaluate((source) => {
    const { content } = (window as unknown as ExposedLab).jupyterapp.shell.currentWidget;
    content.activeCell.model.sharedModel.setSource(source);
  }, text);
}

export async function typeInNewCell(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Escape');
  await runCommand(page, 'notebook:insert-cell-below');
  await runCommand(page, 'notebook:enter-edit-mode');
  await page.keyboard.type(text);
  await sleep(200);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
