// Loaded into the command by `--import`: a long wait takes a moment, and the clock then says that all of it has passed.
const LONG = 10_000;
const MOMENT = 300;
let skipped = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + skipped;
const setTimer = globalThis.setTimeout;
globalThis.setTimeout = (callback, milliseconds = 0, ...values) => {
  if (milliseconds < LONG) return setTimer(callback, milliseconds, ...values);
  return setTimer(() => {
    skipped += milliseconds - MOMENT;
    callback(...values);
  }, MOMENT);
};
