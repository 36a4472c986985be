// Pictures of notebooks as JupyterLab shows them with their stored outputs, to be looked at: nothing is run.
//
//   node scripts/look-at-notebooks.mjs OUT [WORD …]      notebooks whose name contains one of the words; OUT/NAME-1.png …
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { root, venvPython } from './setup/context.mjs';

const width = 1400;
const partHeight = 1500;
const port = 18888 + (process.pid % 1000);

const [target, ...words] = process.argv.slice(2);
const executablePath = [process.env.LCH_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
if (!target || !executablePath) {
  console.error('look-at-notebooks needs a folder for the pictures, and Chromium (LCH_CHROMIUM names it)');
  process.exit(2);
}
const out = resolve(target);
mkdirSync(out, { recursive: true });
const names = readdirSync(join(root, 'notebooks')).filter(
  (name) => name.endsWith('.ipynb') && (words.length === 0 || words.some((word) => name.includes(word))),
);

// everything of JupyterLab's own goes into a folder that is removed in the end, copies of the notebooks, too
const folder = mkdtempSync(join(tmpdir(), 'lch-look-'));
cpSync(join(root, 'notebooks'), join(folder, 'notebooks'), { recursive: true });
const settings = join(folder, 'settings', '@jupyterlab');
const setting = (extension, name, value) => {
  mkdirSync(join(settings, extension), { recursive: true });
  writeFileSync(join(settings, extension, `${name}.jupyterlab-settings`), JSON.stringify(value));
};
setting('notebook-extension', 'tracker', { windowingMode: 'none', scrollPastEnd: false }); // every cell is drawn
setting('apputils-extension', 'notification', { fetchNews: 'false', checkForUpdates: false });
const server = spawn(
  venvPython,
  [
    ...['-m', 'jupyterlab', '--no-browser', '--allow-root', '--ip=127.0.0.1', `--port=${port}`],
    ...['--IdentityProvider.token=', '--ServerApp.password=', '--LabApp.news_url=None'],
    `--ServerApp.root_dir=${join(folder, 'notebooks')}`,
    ...['--KernelSpecManager.ensure_native_kernel=False', '--KernelSpecManager.allowed_kernelspecs=none'],
  ],
  {
    stdio: 'ignore',
    env: {
      ...process.env,
      JUPYTER_CONFIG_DIR: join(folder, 'config'),
      JUPYTERLAB_SETTINGS_DIR: join(folder, 'settings'),
      JUPYTERLAB_WORKSPACES_DIR: join(folder, 'workspaces'),
    },
  },
);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const address = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${address}/api/status`).catch(() => null))?.ok) {
    if (server.exitCode !== null) throw new Error('JupyterLab did not start; npm run lab says why');
    await sleep(500);
  }
  for (const name of names) {
    const page = await browser.newPage({ viewport: { width, height: 1000 } });
    await page.goto(`${address}/doc/tree/${name}`);
    await page.waitForSelector('.jp-Notebook .jp-Cell', { timeout: 90_000 });
    await page.click('.jp-Dialog button.jp-mod-reject', { timeout: 20_000 }).catch(() => {}); // which kernel? none
    await sleep(3000); // charts are drawn one after the other
    const measure = () => {
      const notebook =
        document.querySelector('.jp-WindowedPanel-outer') ?? document.querySelector('.jp-Notebook');
      return Math.ceil(notebook.getBoundingClientRect().top + notebook.scrollHeight + 20);
    };
    const height = await page.evaluate(measure);
    await page.setViewportSize({ width, height });
    await sleep(2000);
    for (let top = 0, part = 1; top < height; top += partHeight, part++) {
      const clip = { x: 0, y: top, width, height: Math.min(partHeight, height - top) };
      await page.screenshot({ path: join(out, `${name.replace('.ipynb', '')}-${part}.png`), clip });
    }
    console.log(`${name}: ${Math.ceil(height / partHeight)} pictures`);
    await page.close();
  }
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await new Promise((done) => (server.exitCode === null ? server.once('exit', done) : done()));
  rmSync(folder, { recursive: true, force: true });
}
