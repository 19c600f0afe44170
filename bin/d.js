#!/usr/bin/env node
// Kept to syntax that an old Node can read, so that it can say that it is too old. CommonJS: an ES module would start Node's loader of
// those for this file alone.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'yonder needs Node 24 or newer, and this is ' +
      process.versions.node +
      ': run `npm install -g node@24`, or `nvm install 24`, and try again.\n',
  );
  process.exitCode = 2;
} else {
  cacheCompiledCode();
  try {
    require('../dist-d/cli/main.cjs');
  } catch (error) {
    process.stderr.write('yonder could not start: ' + ((error && error.message) || error) + '\n');
    process.exitCode = 1;
  }
}

/** In the user's own cache folder: the default is a shared one, where somebody else could have put code for us to run. */
function cacheCompiledCode() {
  var named = process.env.XDG_CACHE_HOME;
  // A relative one is invalid by the specification and would put a folder into whatever place we stand in.
  var absolute = named && require('node:path').isAbsolute(named);
  var base = absolute ? named : process.env.HOME && process.env.HOME + '/.cache';
  if (base) require('node:module').enableCompileCache(base + '/yonder/compiled');
}
