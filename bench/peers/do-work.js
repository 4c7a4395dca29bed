/** The side of a peer's process that hears by IPC what to do, and answers with a rate. */

/** `perform(request)` resolves to how many there were a second. */
export const doWork = (perform) => {
  process.on('message', (request) => {
    perform(request).then(
      (perSecond) => process.send({ perSecond }),
      (error) => process.send({ problem: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send('ready');
};
