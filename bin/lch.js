#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '..', 'dist', 'cli', 'main.js');
if (!existsSync(main)) {
  console.error('lch is not set up yet; run npm start once in its folder');
  process.exit(1);
}
// a reader that closes early (lch … | head) is no error
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0);
});
require(main)
  .main(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  });
