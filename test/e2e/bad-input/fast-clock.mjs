// Loaded into the command by `--import`: its clock runs CLOCK_SPEED times as fast, so that minutes of silence pass in seconds.
const speed = Number(process.env.CLOCK_SPEED);
const now = performance.now.bind(performance);
performance.now = () => now() * speed;
const setTimer = globalThis.setTimeout;
globalThis.setTimeout = (callback, milliseconds = 0, ...values) =>
  setTimer(callback, milliseconds / speed, ...values);
