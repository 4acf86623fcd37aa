/*
 * Loaded into the process that is measured before anything else; answers what it has used so far. Plain JavaScript:
 * what would strip the types takes memory of its own.
 */
process.on('message', ({ id }) => {
  const { user, system } = process.cpuUsage();
  const result = { cpuMs: (user + system) / 1e3, rssMb: process.memoryUsage.rss() / 1e6 };
  process.send?.({ id, result });
});
process.channel?.unref();
// It ends with whoever measures it.
process.once('disconnect', () => process.exit());
