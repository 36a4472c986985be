#!/usr/bin/env node
// What the kernelspec starts: node bin/lch-kernel.js CONNECTION_FILE
require('../dist/kernel/main.js').main(process.argv);
