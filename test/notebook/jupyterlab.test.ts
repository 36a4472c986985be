import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import { findPython } from '../kernel/jupyter';
import { CHROMIUM, eventually, kernelIs, putInNewCell, runCommand, startLab, typeInNewCell } from './lab';
import { notebookEnvironment } from './notebook-kernel';

const found = findPython('jupyterlab', 'jupyterlab_widgets', 'anywidget');
const skip =
  'skip' in found
    ? found.skip
    : CHROMIUM === undefined
      ? 'no Chromium: apt install chromium, or name one with LCH_CHROMIUM'
      : false;

const CELLS = [
  `import { cropPng, loadArquero, loadCrops, scatterPlot } from 'live-cell-histology';
const aq = await loadArquero();
/** A bright disc on black, as a PNG. */
const disc = (radius: number) => cropPng(Float32Array.from({ length: 64 * 64 }, (_, i) => Math.hypot(i % 64 - 32, Math.floor(i / 64) - 32) < radius ? 1 : 0), 64);`,
  `scatterPlot([{ a: 1, b: 2 }, { a: 2, b: 5 }], { x: 'a', y: 'b' })`,
  `aq.table({ path: ['<img src=x onerror="document.title = 1">', 'cell.png'], z1: [0.25, -1] })`,
  `await disc(20)`,
  `for (const n of progress.over(Array(10), 'rounds')) await new Promise(r => setTimeout(r, 20));`,
  `const shift = slider({ label: 'radius', min: 0, max: 30, step: 1, value: 10 });
await interact({ shift }, async ({ shift }) => disc(shift));`,
  `const tumor = dropdown({ label: 'tumor', options: ['m405', 'm481'] });
const invert = checkbox({ label: 'invert' });
const shown = image(await disc(5), 'a disc');
const again = button('larger').onClick(async () => { shown.value = await disc(30); });
display(tumor); display(invert); display(again); shown`,
  `await interact({ radius: slider({ min: 0, max: 30, step: 10 }) }, ({ radius }) => disc(radius), { frames: 4 });`,
  `function boom(): never {\n  throw new Error('kaboom');\n}\ntry { boom() } catch (e) { console.log((e as Error).stack) }`,
];

test('JupyterLab in Chromium', { skip, timeout: 300_000 }, async (t) => {
  if ('skip' in found || CHROMIUM === undefined) return;
  const { folder, environment } = notebookEnvironment();
  const lab = await startLab(found.python, folder, environment, CELLS);
  let browser: BrowserContext | undefined;
  try {
    const { chromium } = await import('playwright-core');
    browser = await chromium.launchPersistentContext(join(folder, 'chromium'), {
      executablePath: CHROMIUM,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      viewport: { width: 1200, height: 3200 },
    });
    const page = await browser.newPage();
    await page.goto(`${lab.address}/lab/tree/test.ipynb`);
    await page.waitForSelector('.jp-Notebook .jp-CodeCell', { timeout: 90_000 });
    await kernelIs(page, 'idle');
    await runCommand(page, 'notebook:run-all-cells');

    await t.test('run all runs every cell', () =>
      eventually(page, () =>
        [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].every((prompt) =>
          /\[\d+\]/.test(prompt.textContent ?? ''),
        ),
      ),
    );
    await t.test('a Vega-Lite chart is drawn', () =>
      eventually(
        page,
        () => document.querySelector('.jp-RenderedVegaCommon5 canvas, .jp-RenderedVegaCommon5 svg') !== null,
      ),
    );
    await t.test('a table is shown, and hostile text in it stays text', () =>
      eventually(page, () => {
        const cells = [...document.querySelectorAll('.jp-RenderedHTML td')].map((cell) => cell.textContent);
        return (
          cells.includes('<img src=x onerror="document.title = 1">') &&
          cells.includes('0.250') &&
          document.title !== '1'
        );
      }),
    );
    await t.test('an image is shown', () =>
      eventually(
        page,
        () => document.querySelector<HTMLImageElement>('.jp-RenderedImage img')?.naturalWidth === 64,
      ),
    );
    await t.test('a progress bar moved to its end, in place', () =>
      eventually(page, () => {
        const bars = [...document.querySelectorAll('progress')];
        return (
          bars.length === 1 &&
          bars[0].value === 1 &&
          /rounds: done: 10 of 10/.test(document.body.textContent ?? '')
        );
      }),
    );
    await t.test('a stack shows positions as typed', () =>
      eventually(page, () => /boom \(Cell\[9\]:2:9\)/.test(document.body.textContent ?? '')),
    );
    await t.test(
      'a slider moved in the browser sets its value in the kernel and changes the picture',
      async () => {
        const before = await page.locator('.jp-RenderedImage img').nth(1).getAttribute('src');
        // the middle of the way from 0 to 30
        await page.locator('.lch-control input[type=range]').first().click();
        for (let i = 0; i < 2; i++) await page.keyboard.press('ArrowRight');
        await page.waitForFunction(
          (old) => document.querySelectorAll('.jp-RenderedImage img')[1]?.getAttribute('src') !== old,
          before,
          { timeout: 60_000 },
        );
        await putInNewCell(page, '"the radius is " + shift.value');
        await runCommand(page, 'notebook:run-cell');
        await eventually(page, () => /the radius is 17/.test(document.body.textContent ?? ''));
      },
    );
    await t.test('a value set in the kernel moves the slider', async () => {
      await putInNewCell(page, 'shift.value = 25;');
      await runCommand(page, 'notebook:run-cell');
      await eventually(
        page,
        () => document.querySelector<HTMLInputElement>('.lch-control input[type=range]')?.value === '25',
      );
    });
    await t.test('a drop-down and a check box set their values', async () => {
      await page.locator('.lch-control select').selectOption({ label: 'm481' });
      await page.locator('.lch-control input[type=checkbox]').check();
      await putInNewCell(page, '[tumor.value, invert.value].join(" and ")');
      await runCommand(page, 'notebook:run-cell');
      await eventually(page, () => /m481 and true/.test(document.body.textContent ?? ''));
    });
    await t.test('a button runs its handler, which changes an image widget', async () => {
      const image = page.locator('.lch-control img[alt="a disc"]');
      await eventually(
        page,
        () => document.querySelector<HTMLImageElement>('.lch-control img')?.naturalWidth === 64,
      );
      const before = await image.getAttribute('src');
      await page.locator('.lch-control button').click();
      await page.waitForFunction(
        (old) => document.querySelector('.lch-control img')?.getAttribute('src') !== old,
        before,
        { timeout: 60_000 },
      );
    });
    await t.test('frames change without the kernel', async () => {
      const figure = page.locator('.jp-RenderedHTML div:has(> label > input[type=range])');
      const before = await figure.locator('img').getAttribute('src');
      await figure.locator('input').focus();
      await page.keyboard.press('ArrowRight');
      await eventually(page, () => /radius\s+30/.test(document.body.textContent ?? ''));
      if ((await figure.locator('img').getAttribute('src')) === before) throw new Error('the same picture');
    });
    await t.test('Tab completes and Shift-Tab documents a function of our library', async () => {
      await typeInNewCell(page, 'loadCr');
      await page.keyboard.press('Tab');
      await eventually(
        page,
        () =>
          /loadCrops/.test(document.querySelector('.jp-Completer')?.textContent ?? '') ||
          /loadCrops$/.test(document.querySelector('.jp-mod-active .cm-content')?.textContent ?? ''),
      );
      await page.keyboard.press('Escape');
      await typeInNewCell(page, 'Math.max; loadCrops(1)');
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Shift+Tab');
      await eventually(page, () =>
        /A file that is broken, empty, cut short or too large/.test(
          document.querySelector('.jp-Tooltip')?.textContent ?? '',
        ),
      );
      await page.keyboard.press('Escape');
    });
    if (process.env.LCH_SCREENSHOT) await page.screenshot({ path: process.env.LCH_SCREENSHOT });
    for (const [what, code] of [
      ['while (true) {}', 'while (true) {}'],
      ['a run that awaits', 'for (;;) await new Promise(r => setTimeout(r, 10))'],
      [
        'training',
        `import { cropsInMemory, presets, trainAutoencoder } from 'live-cell-histology';
const { architecture, training } = presets.demo;
const source = cropsInMemory(new Float32Array(512 * 64 * 64).fill(0.5), 64);
const run = require('node:fs').mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'lch-train-'));
await trainAutoencoder(source, { run, architecture, training, seed: 1 });`,
      ],
    ]) {
      await t.test(`interrupt stops ${what}, and the kernel lives`, async (inner) => {
        await putInNewCell(page, code);
        await runCommand(page, 'notebook:run-cell', false);
        await kernelIs(page, 'busy');
        if (what === 'training')
          await eventually(page, () => /train: [1-9]\d* of/.test(document.body.textContent ?? ''));
        else await sleep(500);
        const before = Date.now();
        await runCommand(page, 'notebook:interrupt-kernel', false);
        await kernelIs(page, 'idle');
        inner.diagnostic(`${Date.now() - before} ms`);
        await putInNewCell(page, `"alive after ${what}"`);
        await runCommand(page, 'notebook:run-cell');
        await page.waitForFunction(
          (text) =>
            [...document.querySelectorAll('.jp-OutputArea-executeResult')].some((output) =>
              output.textContent?.includes(text),
            ),
          `alive after ${what}`,
          { timeout: 60_000 },
        );
      });
    }
    await t.test('widgets are there again after the page was loaded anew', async () => {
      await runCommand(page, 'docmanager:save');
      await page.reload();
      await page.waitForSelector('.lch-control input[type=range]', { timeout: 90_000 });
      await kernelIs(page, 'idle');
      await page.locator('.lch-control input[type=range]').first().focus();
      await page.keyboard.press('ArrowLeft');
      await putInNewCell(page, '"now the radius is " + shift.value');
      await runCommand(page, 'notebook:run-cell');
      await eventually(page, () => /now the radius is 24/.test(document.body.textContent ?? ''));
    });
  } finally {
    // for a look at what the browser showed
    if (process.env.LCH_SCREENSHOT) {
      await browser
        ?.pages()
        .at(-1)
        ?.screenshot({ path: `${process.env.LCH_SCREENSHOT}.end.png` });
    }
    await browser?.close();
    await lab.stop();
  }
});
