import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { findPython, kernelEnvironment, SCRIPTS } from './jupyter';

const CHROMIUM = [
  process.env.LCH_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));
const found = findPython('jupyterlab', 'jupyterlab_widgets');
const skip =
  'skip' in found
    ? found.skip
    : CHROMIUM === undefined
      ? 'no Chromium: apt install chromium, or name one with LCH_CHROMIUM'
      : false;

/** A 2 × 2 PNG. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGNkYPjPwMDAAAAGCAECf3yTmAAAAABJRU5ErkJggg==';

const CELLS = {
  chart: `({ [Symbol.for('Jupyter.display')]: () => ({
  'application/vnd.vegalite.v5+json': {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    data: { values: [{ a: 1, b: 2 }, { a: 2, b: 5 }] },
    mark: 'bar',
    encoding: { x: { field: 'a', type: 'ordinal' }, y: { field: 'b', type: 'quantitative' } },
  },
}) })`,
  image: `display.raw({ 'image/png': '${PNG}', 'text/plain': 'image' })`,
  progress: `const bar = (n: number) => ({ 'text/html': \`<progress max="10" value="\${n}"></progress> \${n}/10\` });
const shown = display.raw(bar(0));
for (let n = 1; n <= 10; n++) { await new Promise(r => setTimeout(r, 20)); shown.update(bar(n)); }`,
  slider: `slider(value => console.log('moved to', value))`,
  error: `function boom(): never {\n  throw new Error('kaboom');\n}\ntry { boom() } catch (e) { console.log((e as Error).stack) }`,
  library: `import { describeCell } from 'live-cell-histology';\ndescribeCell(7)`,
};

test('JupyterLab in Chromium', { skip, timeout: 180_000 }, async (t) => {
  if ('skip' in found || CHROMIUM === undefined) return;
  const { folder, environment } = kernelEnvironment();
  const lab = await startLab(found.python, folder, {
    ...environment,
    LCH_EXTENSION: join(SCRIPTS, 'widget-extension.js'),
  });
  let browser: BrowserContext | undefined;
  try {
    const { chromium } = await import('playwright-core');
    browser = await chromium.launchPersistentContext(join(folder, 'chromium'), {
      executablePath: CHROMIUM,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      viewport: { width: 1200, height: 2600 },
    });
    const page = await browser.newPage();
    await page.goto(`${lab.address}/lab/tree/test.ipynb`);
    await page.waitForSelector('.jp-Notebook .jp-CodeCell', { timeout: 90_000 });
    await kernelIs(page, 'idle');
    await runCommand(page, 'notebook:run-all-cells');

    await t.test('run all runs every cell', async () => {
      await page.waitForFunction(
        (count) => document.querySelectorAll('.jp-CodeCell').length === count,
        Object.keys(CELLS).length,
      );
      await eventually(page, () =>
        [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every((prompt) =>
          /\[\d+\]/.test(prompt.textContent ?? ''),
        ),
      );
    });
    await t.test('a Vega-Lite chart is drawn', () =>
      eventually(
        page,
        () => document.querySelector('.jp-RenderedVegaCommon5 canvas, .jp-RenderedVegaCommon5 svg') !== null,
      ),
    );
    await t.test('an image is shown', () =>
      eventually(
        page,
        () => document.querySelector<HTMLImageElement>('.jp-RenderedImage img')?.naturalWidth === 2,
      ),
    );
    await t.test('a progress bar moved to its end, in place', () =>
      eventually(page, () => {
        const bars = [...document.querySelectorAll('progress')];
        return bars.length === 1 && bars[0].value === 10;
      }),
    );
    await t.test('a stack shows positions as typed', () =>
      eventually(page, () => /boom \(Cell\[5\]:2:9\)/.test(document.body.textContent ?? '')),
    );
    await t.test('our library is imported', () =>
      eventually(page, () => /'cell 7'/.test(document.body.textContent ?? '')),
    );
    await t.test('a slider goes to the kernel and back into its cell', async () => {
      const handle = page.locator('.widget-slider .noUi-handle').first();
      await handle.focus();
      await page.keyboard.press('ArrowRight');
      await eventually(page, () => /moved to 6/.test(document.body.textContent ?? ''));
    });
    await t.test('Tab completes and Shift-Tab documents a function of our library', async () => {
      await typeInNewCell(page, 'describeC');
      await page.keyboard.press('Tab');
      await eventually(
        page,
        () =>
          /describeCell/.test(document.querySelector('.jp-Completer')?.textContent ?? '') ||
          /describeCell$/.test(document.querySelector('.jp-mod-active .cm-content')?.textContent ?? ''),
      );
      await page.keyboard.press('Escape');
      await typeInNewCell(page, 'Math.max; describeCell(1)');
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Shift+Tab');
      await eventually(page, () =>
        /Says which cell it is/.test(document.querySelector('.jp-Tooltip')?.textContent ?? ''),
      );
      await page.keyboard.press('Escape');
    });
    for (const [what, code] of [
      ['while (true) {}', 'while (true) {}'],
      ['a run that awaits', 'for (;;) await new Promise(r => setTimeout(r, 10))'],
    ]) {
      await t.test(`interrupt stops ${what}, and the kernel lives`, async (inner) => {
        await putInNewCell(page, code);
        await runCommand(page, 'notebook:run-cell', false);
        await kernelIs(page, 'busy');
        await sleep(500);
        const before = Date.now();
        await runCommand(page, 'notebook:interrupt-kernel', false);
        await kernelIs(page, 'idle');
        inner.diagnostic(`${Date.now() - before} ms`);
        await putInNewCell(page, '"alive" + 41');
        await runCommand(page, 'notebook:run-cell');
        await eventually(page, () => /'alive41'/.test(document.body.textContent ?? ''));
      });
    }
  } finally {
    // for a look at what the browser showed
    if (process.env.LCH_SCREENSHOT) {
      await browser?.pages().at(-1)?.screenshot({ path: process.env.LCH_SCREENSHOT });
    }
    await browser?.close();
    await lab.stop();
  }
});

async function startLab(python: string, folder: string, environment: NodeJS.ProcessEnv) {
  const notebooks = join(folder, 'notebooks');
  mkdirSync(notebooks);
  writeFileSync(join(notebooks, 'test.ipynb'), JSON.stringify(notebook(Object.values(CELLS))));
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

async function runCommand(page: Page, name: string, wait = true): Promise<void> {
  await page.evaluate(
    async ([command, waits]) => {
      const done = (window as unknown as ExposedLab).jupyterapp.commands.execute(command as string);
      if (waits) await done;
    },
    [name, wait] as const,
  );
}

async function kernelIs(page: Page, status: string): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      (window as unknown as ExposedLab).jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
        ?.status === wanted,
    status,
    { timeout: 20_000 },
  );
}

async function eventually(page: Page, condition: () => boolean): Promise<void> {
  const holds = await page.waitForFunction(condition, null, { timeout: 30_000 }).then(
    () => true,
    () => false,
  );
  assert.ok(holds, `never came true: ${condition}`);
}

async function putInNewCell(page: Page, text: string): Promise<void> {
  await runCommand(page, 'notebook:insert-cell-below');
  await page.evaluate((source) => {
    const { content } = (window as unknown as ExposedLab).jupyterapp.shell.currentWidget;
    content.activeCell.model.sharedModel.setSource(source);
  }, text);
}

async function typeInNewCell(page: Page, text: string): Promise<void> {
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
