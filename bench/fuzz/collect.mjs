/* Loaded into the fuzzed bridge: on a signal it throws its garbage away and says what is left. */

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.(process.memoryUsage());
});
process.channel?.unref();
