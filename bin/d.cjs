#!/usr/bin/env node
  var base = process.env.HOME + '/.cache';
  require('node:module').enableCompileCache(base + '/yonder/compiled');
  require('../dist-d/cli/main.cjs');
